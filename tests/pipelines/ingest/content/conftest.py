"""An analytic chest on a coarse grid, right way round."""

from __future__ import annotations

import numpy as np
import pytest

from resmtnet.pipelines.phantom.chest import ChestPhantom, chest_phantom


@pytest.fixture(scope="session")
def chest() -> ChestPhantom:
    """Voxels of 4 mm: a chest of 360 x 360 x 300 mm, supine on a couch, without nodules."""
    return chest_phantom(seed=0, spacing_mm=(4.0, 4.0, 4.0), nodules=())


@pytest.fixture(scope="session")
def prone_hu(chest: ChestPhantom) -> np.ndarray:
    """Return the same patient face down: in patient coordinates the couch alone moves, from the back to the front."""
    air = int(chest.hu[0, 0, 0])
    y = chest.affine_lps[1, 3] + 4.0 * np.arange(chest.hu.shape[1])
    skin = np.flatnonzero((chest.hu[:, :, 40:50] > -200).mean(axis=(0, 2)) > 0.9)
    hu = chest.hu.copy()
    hu[:, y > y[skin[-1]] + 4.0] = air
    hu[:, max(skin[0] - 5, 0) : skin[0] - 4, 10:80] = 100
    return hu
