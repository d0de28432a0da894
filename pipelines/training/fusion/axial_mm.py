"""The longest axial diameter of an annotated nodule."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ....transforms.candidate_masks import CandidateMask
from ....transforms.diameters import axial_diameters
from ..lidc_nodules import LidcRecord


def axial_mm(record: LidcRecord) -> float | None:
    """Return the longest axial diameter (mm) of the majority outline; else of the box, else of the table, else None."""
    if record.outlined:
        return axial_mm_of(record.majority, record.spacing_mm)
    edges = record.place[1]
    if edges is not None:
        return float((edges[1:] * record.spacing_mm[1::-1]).max())
    said = record.row.get("diameter_mm")
    return float(said) if said else None


def axial_mm_of(mask: npt.NDArray[np.bool_], spacing_mm: tuple[float, float, float]) -> float:
    """Measure a mask ``(k, j, i)`` that is not empty, as predicted outlines are measured; spacing (x, y, z) mm."""
    found = [np.flatnonzero(mask.any(axis=axes)) for axes in ((1, 2), (0, 2), (0, 1))]
    tight = mask[tuple(slice(int(f[0]), int(f[-1]) + 1) for f in found)]
    whole = CandidateMask((-1, -1, -1), np.pad(tight.astype(np.float32), 1))
    return axial_diameters(whole, spacing_mm).long_axis_mm
