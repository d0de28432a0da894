"""Many small scans on disk, for runs over many cases."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from resmtnet.pipelines.phantom.dicom_series import write_ct_series

SHAPE_KJI = (16, 64, 64)
SPACING_MM = (2.0, 2.0, 4.0)
AIR_HU, BODY_HU, LUNG_HU, BALL_HU = -1000, 30, -850, 20
BODY_MM, LUNG_MM, APART_MM, BALL_MM = (58.0, 50.0), (22.0, 34.0, 27.0), 28.0, 8.0


def small_cases(folder: Path, count: int) -> Path:
    """Write the same 64x64x16 voxels ``count`` times, each time as another patient's series; return the folder."""
    hu, affine = small_chest()
    for seed in range(count):
        write_ct_series(folder / f"case{seed:05}", hu, affine, seed=seed)
    return folder


def small_chest() -> tuple[npt.NDArray[np.int16], npt.NDArray[np.float64]]:
    """Return HU ``(k, j, i)`` of a small body with two lungs and a ball in one of them, and its affine to LPS mm."""
    affine = np.diag([*SPACING_MM, 1.0])
    affine[:3, 3] = [-(n - 1) / 2 * mm for n, mm in zip(SHAPE_KJI[::-1], SPACING_MM, strict=True)]
    z, y, x = (
        (np.arange(n) - (n - 1) / 2).reshape([-1 if axis == a else 1 for a in range(3)]) * mm
        for axis, (n, mm) in enumerate(zip(SHAPE_KJI, SPACING_MM[::-1], strict=True))
    )
    hu = np.full(SHAPE_KJI, AIR_HU, np.int16)
    hu[np.broadcast_to((x / BODY_MM[0]) ** 2 + (y / BODY_MM[1]) ** 2 < 1, SHAPE_KJI)] = BODY_HU
    for side in (-1, 1):
        a, b, c = LUNG_MM
        hu[((x - side * APART_MM) / a) ** 2 + (y / b) ** 2 + (z / c) ** 2 < 1] = LUNG_HU
    hu[(x - APART_MM) ** 2 + y**2 + z**2 < BALL_MM**2] = BALL_HU
    return hu, affine
