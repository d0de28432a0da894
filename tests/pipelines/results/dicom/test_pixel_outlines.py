from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import label
from skimage.measure import grid_points_in_poly

from resmtnet.pipelines.results.dicom.pixel_outlines import pixel_outlines

RING = np.pad(np.ones((5, 6), dtype=bool), 2)
RING[4, 4:6] = False
TWO_HOLES = np.pad(np.ones((7, 9), dtype=bool), 1)
TWO_HOLES[3, 3] = TWO_HOLES[5, 6:8] = False
CORNER_TO_CORNER = np.array([[1, 0, 0], [0, 1, 0], [0, 1, 1]], dtype=bool)
PINCHED = np.array([[1, 1, 1], [1, 0, 1], [1, 1, 0]], dtype=bool)  # the hole touches the outside at a corner


def filled(polygons: tuple[np.ndarray, ...], shape: tuple[int, int]) -> np.ndarray:
    """Pixels whose centre is in an odd number of polygons, by scikit-image."""
    return np.logical_xor.reduce([grid_points_in_poly(shape, p) for p in polygons], axis=0)


def area(polygon: np.ndarray) -> float:
    y, x = polygon.T
    return abs(float(np.sum(y * np.roll(x, -1) - x * np.roll(y, -1)))) / 2


@pytest.mark.parametrize("mask", [np.ones((1, 1), dtype=bool), RING, TWO_HOLES, CORNER_TO_CORNER, PINCHED])
def test_filled_again_is_the_mask(mask: np.ndarray) -> None:
    polygons = pixel_outlines(mask)
    assert (filled(polygons, mask.shape) == mask).all()
    assert len(polygons) == label(mask)[1]
    assert sum(map(area, polygons)) == mask.sum()


@pytest.mark.parametrize("share", [0.3, 0.5, 0.6, 0.8])
def test_any_mask_comes_back(share: float) -> None:
    rng = np.random.default_rng(round(share * 10))
    for _ in range(15):
        mask = rng.random((9, 12)) < share
        polygons = pixel_outlines(mask)
        assert (filled(polygons, mask.shape) == mask).all()
        assert sum(map(area, polygons)) == pytest.approx(mask.sum())


def test_straight_edges_have_no_points_between_corners() -> None:
    (square,) = pixel_outlines(np.ones((3, 4), dtype=bool))
    assert sorted(map(tuple, square.tolist())) == [(-0.5, -0.5), (-0.5, 3.5), (2.5, -0.5), (2.5, 3.5)]


def test_nothing_has_no_outline() -> None:
    assert pixel_outlines(np.zeros((3, 3), dtype=bool)) == ()
