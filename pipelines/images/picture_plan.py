"""A file that is to be read as pictures."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from ..records import Origin


@dataclass(frozen=True)
class PicturePlan:
    """An image file before it is decoded; ``digest`` is the SHA-256 of its bytes, ``choice`` why it was taken."""

    case_id: str
    path: Path = field(repr=False)
    digest: str
    codes: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    choice: str = "an image file"
    n_files: int = 1
    n_used: int = 1
    origin: Origin = field(default=Origin(""), repr=False)
