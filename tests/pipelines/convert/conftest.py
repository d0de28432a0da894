from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from resmtnet.pipelines.phantom.dicom_series import write_ct_series
from resmtnet.pipelines.phantom.linear import linear_phantom

SHAPE = (12, 40, 48)
SPACING = (0.7, 0.8, 2.5)
AXES = {
    "axial": np.eye(3),
    "sagittal": np.array([[0.0, 0, 1], [1, 0, 0], [0, -1, 0]]),  # columns: where i, j and k point
    "oblique": np.array([[0.8, -0.6, 0], [0.6, 0.8, 0], [0, 0, 1]]),
    "tilted": np.array([[1, 0, 0], [0, 1, 0.3], [0, 0, 1]]),
    "tilted and turned": np.array([[0.8, -0.6, 0.2], [0.6, 0.8, -0.3], [0, 0, 1]]),
}


def affine_of(lie: str) -> np.ndarray:
    """Affine of a grid 100 mm below the origin: values around -500 HU, as in air and lung."""
    affine = np.eye(4)
    affine[:3, :3] = AXES[lie] * SPACING
    affine[:3, 3] = np.array([0, 0, -100]) - affine[:3, :3] @ (np.array(SHAPE[::-1]) / 2)
    return affine


@pytest.fixture
def write_lie() -> Callable[..., Path]:
    def write(folder: Path, lie: str = "axial", seed: int = 0, halves: bool = False) -> Path:
        """The linear phantom on one of the grids; with ``halves`` stored at twice its values."""

        def double(k, ds) -> None:
            ds.RescaleSlope = "0.5"
            ds.PixelData = (np.frombuffer(ds.PixelData, "<i2") * 2).astype("<i2").tobytes()
            ds["PixelData"].VR = "OW"

        affine = affine_of(lie)
        write_ct_series(folder, linear_phantom(SHAPE, affine), affine, seed=seed, edit=double if halves else None)
        return folder

    return write
