"""Grids of every orientation, and analytic volumes on them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from resmtnet.transforms.grid import FloatArray, Grid

# HU per mm along x, y, z, and HU at the origin
FIELD = np.array([2.0, 3.0, 7.0, -50.0])


def _grid(columns: FloatArray, spacing_mm: tuple[float, float, float], extent_mm: float = 60.0) -> Grid:
    """Make a grid of about ``extent_mm`` whose centre is at (10, -20, 130) mm."""
    i, j, k = (round(extent_mm / mm) for mm in spacing_mm)
    affine = np.eye(4)
    affine[:3, :3] = columns * np.array(spacing_mm)
    affine[:3, 3] = [10, -20, 130] - affine[:3, :3] @ (np.array([i, j, k]) - 1) / 2
    return Grid((k, j, i), affine)


def _turned(degrees: float) -> FloatArray:
    """Rotation about an axis that is none of the patient's."""
    x, y, z = np.array([1.0, 2.0, 2.0]) / 3
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    angle = np.radians(degrees)
    turn: FloatArray = np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross
    return turn


def _tilted(degrees: float) -> FloatArray:
    """Axes of a series with gantry tilt: slices stay upright while their positions run obliquely."""
    angle = np.radians(degrees)
    return np.array([[1, 0, 0], [0, np.cos(angle), 0], [0, -np.sin(angle), 1]], dtype=float)


_AXIS = np.eye(3)
GRIDS = {
    "axial": _grid(_AXIS, (0.8, 0.8, 1.25)),
    "thick": _grid(_AXIS, (0.7, 0.7, 3.0)),
    "anisotropic_in_plane": _grid(_AXIS, (0.5, 0.9, 1.0)),
    "flipped": _grid(np.diag([-1.0, -1.0, 1.0]), (0.8, 0.8, 1.25)),
    "head_first_down": _grid(np.diag([1.0, 1.0, -1.0]), (0.9, 0.9, 2.0)),
    "sagittal": _grid(np.array([[0, 0, 1], [1, 0, 0], [0, -1, 0]], dtype=float), (0.8, 0.8, 1.5)),
    "coronal": _grid(np.array([[1, 0, 0], [0, 0, 1], [0, -1, 0]], dtype=float), (0.8, 0.8, 1.5)),
    "oblique": _grid(_turned(20), (0.8, 0.8, 1.25)),
    "tilted": _grid(_tilted(15), (0.7, 0.7, 1.5)),
}


@pytest.fixture(params=sorted(GRIDS))
def source(request: pytest.FixtureRequest) -> Grid:
    return GRIDS[request.param]


@pytest.fixture
def grids() -> dict[str, Grid]:
    return GRIDS


@pytest.fixture
def voxel_centres() -> Callable[[Grid], FloatArray]:
    """LPS mm of every voxel of a grid, ``(k, j, i, 3)``."""

    def centres(grid: Grid) -> FloatArray:
        kji = np.stack(np.meshgrid(*[np.arange(n) for n in grid.shape_kji], indexing="ij"), axis=-1)
        return kji[..., ::-1] @ grid.affine_lps[:3, :3].T + grid.affine_lps[:3, 3]

    return centres


@pytest.fixture
def linear_field() -> Callable[[FloatArray], FloatArray]:
    """HU that are linear in the world: any fault of geometry shows at every voxel."""
    return lambda lps: lps @ FIELD[:3] + FIELD[3]
