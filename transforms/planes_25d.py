"""Nine planes through a place of a CT: what a 2D network sees of it."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from .grid import FloatArray, Grid

PLANES = 9
"""Axial, coronal and sagittal, each below, through and above the place (towards head, back and left)."""

F32 = npt.NDArray[np.float32]


def planes_25d(
    hu: npt.NDArray[np.generic],
    grid: Grid,
    centre_lps_mm: npt.ArrayLike,
    *,
    edge: int = 64,
    spacing_mm: float = 0.6,
    offset_mm: float = 2.4,
    turn: FloatArray | None = None,
) -> F32:
    """Sample nine planes ``(9, edge, edge)`` around a place straight from the voxels ``(k, j, i)`` of ``grid``.

    The planes lie along the patient's axes, whatever the axes of the grid are: axial (rows towards the back, columns
    towards the left), coronal (rows towards the head, columns left), sagittal (rows head, columns back); of each the
    one at ``-offset_mm``, through the place, and at ``+offset_mm``. The place is the middle between the four middle
    pixels. Between voxels values are linear; beyond the volume its outermost voxels go on.

    Parameters
    ----------
    centre_lps_mm : the place (x, y, z), LPS mm.
    edge, spacing_mm : pixels of a plane, and their distance.
    turn : ``(3, 3)``, from offsets (mm; k, j, i) of the planes to offsets (mm; k, j, i; towards head, back, left) in
        the patient; None: as they are. Mirror images and augmentation come by this.

    Raises
    ------
    ValueError
        The array does not match its grid.
    """
    if hu.shape != grid.shape_kji:
        raise ValueError(f"array shape {hu.shape} does not match its grid {grid.shape_kji}")
    to_voxel_ijk = np.linalg.inv(grid.affine_lps)[:3, :3]
    to_voxel_kji = to_voxel_ijk[::-1, ::-1] if turn is None else to_voxel_ijk[::-1, ::-1] @ turn
    centre_kji = grid.to_ijk(centre_lps_mm)[0, ::-1]
    at = to_voxel_kji @ _offsets(edge, spacing_mm, offset_mm) + centre_kji[:, None]
    seen = ndimage.map_coordinates(hu, at, output=np.float32, order=1, mode="nearest")
    return np.asarray(seen, dtype=np.float32).reshape(PLANES, edge, edge)


@lru_cache(maxsize=4)
def _offsets(edge: int, spacing_mm: float, offset_mm: float) -> FloatArray:
    """Where the pixels lie ``(3, 9 edge edge)``: k, j, i, mm from the place."""
    steps = (np.arange(edge) - (edge - 1) / 2) * spacing_mm
    rows, columns = np.meshgrid(steps, steps, indexing="ij")
    planes = []
    for normal in range(3):
        for offset in (-offset_mm, 0.0, offset_mm):
            plane = [rows, columns]
            plane.insert(normal, np.full_like(rows, offset))
            planes.append(plane)
    offsets: FloatArray = np.ascontiguousarray(np.asarray(planes).transpose(1, 0, 2, 3).reshape(3, -1))
    offsets.flags.writeable = False  # one array for all callers
    return offsets
