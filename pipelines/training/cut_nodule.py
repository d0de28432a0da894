"""A nodule, cut out of its patch."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from .lidc_nodules import LidcRecord, zoom
from .nodule import F32, Nodule

_MARGIN_MM = 8.0
"""Surroundings kept around the union of the outlines: the pasted rim is 3 mm, the rest is room to rotate."""
_PAD_MM = 3.0
"""Extrapolated room beyond the slab, never pasted further than 1.5 mm from an outline."""


def to_nodule(record: LidcRecord, spacing_mm: float = 1.0) -> Nodule:
    """Cut an outlined nodule out of its patch, on a grid of ``spacing_mm``, ready to be put into another lung."""
    # the majority, not the votes: of 2 / 3 or 1 / 2 too little is left at a border after interpolation
    majority, outlined = record.majority, record.readers > 0
    j, i = (np.flatnonzero(outlined.any(axis=axes)) for axes in ((0, 2), (0, 1)))
    x, y, z = record.spacing_mm
    rows = _around(j, y, outlined.shape[1])
    columns = _around(i, x, outlined.shape[2])
    factors = (z / spacing_mm, y / spacing_mm, x / spacing_mm)
    room = int(np.ceil(_PAD_MM / spacing_mm))
    pad = ((room, room), (0, 0), (0, 0))
    hu = np.pad(zoom(record.hu[:, rows, columns], factors), pad, mode="edge")
    soft = np.pad(zoom(majority[:, rows, columns], factors), pad)
    union = np.pad(zoom(outlined[:, rows, columns], factors) >= 0.5, pad)
    union |= soft >= 0.5
    inside = np.pad(np.ones(hu.shape[0] - 2 * room, bool), room)
    return Nodule(hu, soft, _opacity(union, inside, spacing_mm), record.key)


def _around(indices: npt.NDArray[np.intp], spacing_mm: float, length: int) -> slice:
    margin = round(_MARGIN_MM / spacing_mm)
    return slice(max(0, int(indices[0]) - margin), min(length, int(indices[-1]) + margin + 1))


def _opacity(union: npt.NDArray[np.bool_], inside: npt.NDArray[np.bool_], spacing_mm: float) -> F32:
    """1 to 1 mm around the outlines, 0 from 3 mm; beyond the slab's slices, where nothing was seen, 0 from 1.5 mm."""
    distance = (ndimage.distance_transform_edt(~union) * spacing_mm).astype(np.float32)
    seen = np.clip((3.0 - distance) / 2.0, 0, 1)
    beyond = np.clip(1.0 - distance / 1.5, 0, 1)
    return np.asarray(np.where(inside[:, None, None], seen, beyond), dtype=np.float32)
