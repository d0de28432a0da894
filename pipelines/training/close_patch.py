"""A nodule seen closely, among its own surroundings, turned and stretched at random."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from ...transforms.targets import Lesion
from .lidc_nodules import LidcRecord
from .nodule import F32
from .random_turn import random_turn
from .shown_slices import shown_slices
from .slab import beyond

_SHIFT_MM = (2.4, 4.8, 4.8)
"""A candidate is off the middle by up to this (k, j, i)."""


def close_patch(record: LidcRecord, rng: np.random.Generator, *, edge: int, spacing_mm: float) -> tuple[F32, Lesion]:
    """Draw a cube of ``edge`` voxels of ``spacing_mm`` around the nodule of a record: HU and the nodule.

    One affine map from native voxels, so that nothing is interpolated twice. The mask is the share of each voxel that
    lies in the readers' majority.
    """
    low, high = shown_slices(record, rng)
    spacing_kji = np.array(record.spacing_mm[::-1])
    middle = (edge - 1) / 2 + rng.uniform(-1, 1, 3) * _SHIFT_MM / spacing_mm
    matrix = random_turn(rng) * spacing_mm / spacing_kji[:, None]
    centre, edges = record.place
    offset = centre - [low - 1, 0, 0] - matrix @ middle
    hu = _continued(record.hu[low:high], float(spacing_kji[1]))
    seen = ndimage.affine_transform(hu, matrix, offset, (edge,) * 3, order=1, mode="nearest")
    mask = None
    if record.outlined:
        outline = np.pad(record.majority[low:high].astype(np.float32), ((1, 1), (0, 0), (0, 0)))
        mask = ndimage.affine_transform(outline, matrix, offset, (edge,) * 3, order=1, mode="constant")
    z, y, x = (float(v) for v in middle)
    size = None if edges is None else _edges_in_patch(edges, matrix)
    return np.asarray(seen, np.float32), Lesion(mask, record.scores, record.attributes, (z, y, x), size)


def _edges_in_patch(edges: npt.NDArray[np.float64], matrix: npt.NDArray[np.float64]) -> tuple[float, float, float]:
    """Edges (voxels of the patch) of the box around the turned box."""
    k, j, i = (float(v) for v in np.abs(np.linalg.inv(matrix)) @ edges)
    return k, j, i


def _continued(hu: npt.NDArray[np.int16], spacing_mm: float) -> F32:
    """Add the slice before and the slice after that go on beyond the ends."""
    return np.concatenate([beyond(hu[0], spacing_mm)[None], hu, beyond(hu[-1], spacing_mm)[None]], dtype=np.float32)
