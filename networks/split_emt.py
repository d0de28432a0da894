"""What the one tensor of EMTNet holds."""

from __future__ import annotations

from torch import Tensor


def split_emt(packed: Tensor) -> tuple[Tensor, Tensor]:
    """Split ``(b, 1 + classes, h, w)`` into mask logits ``(b, 1, h, w)`` and class logits ``(b, classes)``."""
    return packed[:, :1], packed[:, 1:, 0, 0]
