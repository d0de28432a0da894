"""What is said of a picture beside its grey values, as a row of numbers, there and back."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["png", "jpeg", "bmp", "tiff", "dicom"]
KINDS: tuple[Kind, ...] = ("png", "jpeg", "bmp", "tiff", "dicom")
MODALITIES = ("", "US", "CT", "MR", "CR", "DX", "MG", "PT", "NM", "XA", "OT", "other")
MAX_FRAMES = 20_000
_LARGEST_MM = 1000.0  # between two pixels: no picture of a patient


@dataclass(frozen=True)
class PictureFacts:
    """Size, kind and place; ``spacing_mm`` is (between rows, between columns), None where nothing says it."""

    rows: int
    columns: int
    n_frames: int = 1
    kind: Kind = "png"
    modality: str = ""
    spacing_mm: tuple[float, float] | None = None
    lossy: bool = False
    burned_in: bool = False

    def to_numbers(self) -> tuple[float, ...]:
        """Give all of it as numbers; an unknown modality is ``other``, an odd spacing none."""
        modality = self.modality if self.modality in MODALITIES else "other"
        spacing = self.spacing_mm if self.spacing_mm is not None and _is_plausible(self.spacing_mm) else (0.0, 0.0)
        codes = (KINDS.index(self.kind), MODALITIES.index(modality), int(self.lossy), int(self.burned_in))
        return (self.rows, self.columns, self.n_frames, *codes, *spacing)


def from_numbers(numbers: Sequence[float]) -> PictureFacts:
    """Undo it.

    Raises
    ------
    ValueError
        No picture gives such numbers.
    """
    if len(numbers) != 9 or not all(isinstance(number, int) for number in numbers[:7]):
        raise ValueError("no picture")
    rows, columns, n_frames, kind, modality, lossy, burned_in = (int(number) for number in numbers[:7])
    low = min(rows, columns, n_frames) < 1 or min(kind, modality, lossy, burned_in) < 0
    high = n_frames > MAX_FRAMES or kind >= len(KINDS) or modality >= len(MODALITIES) or max(lossy, burned_in) > 1
    spacing = (float(numbers[7]), float(numbers[8]))
    known = spacing != (0.0, 0.0)
    if low or high or (known and not _is_plausible(spacing)):
        raise ValueError("no picture")
    return PictureFacts(
        rows=rows,
        columns=columns,
        n_frames=n_frames,
        kind=KINDS[kind],
        modality=MODALITIES[modality],
        spacing_mm=spacing if known else None,
        lossy=bool(lossy),
        burned_in=bool(burned_in),
    )


def _is_plausible(spacing: tuple[float, float]) -> bool:
    return all(math.isfinite(value) and 0 < value < _LARGEST_MM for value in spacing)
