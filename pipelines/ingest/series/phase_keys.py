"""What may tell the phases or reconstructions in one series apart."""

from __future__ import annotations

from collections.abc import Callable, Hashable

from ..header.slice_header import SliceHeader

PHASE_KEYS: tuple[tuple[str, Callable[[SliceHeader], Hashable]], ...] = (
    ("acquisition", lambda h: h.acquisition),
    ("temporal", lambda h: h.temporal),
    ("kernel", lambda h: h.kernel),
    ("image_type", lambda h: h.image_type),
)
