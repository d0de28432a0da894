"""The vessels of both lungs of a phantom."""

from __future__ import annotations

import numpy as np

from .airways import hila
from .anatomy import Anatomy
from .canvas import Cone
from .lattice import STEP_MM, Float32
from .vessels import vessel_tree

_TREES = 2  # arteries and veins
_TIPS = 430  # ends of one tree in one lung
_TIP_DEPTH_MM = 3.0  # vessels fade out below the pleura


def lung_vessels(anatomy: Anatomy) -> tuple[Cone, ...]:
    """Return the branches of arteries and veins of both lungs, about 7,000 rods of 1 to 11 mm."""
    cones: list[Cone] = []
    sides = zip((anatomy.right_lung, anatomy.left_lung), hila(anatomy.measures), strict=True)
    for side, (lung, hilum) in enumerate(sides):
        for tree in range(_TREES):
            rng = np.random.default_rng([anatomy.measures.seed, 4, side, tree])
            root = np.array(hilum) + np.array([0.0, 0.0, -14.0 * tree])
            cones += vessel_tree(root, _tips(anatomy, lung, rng), rng)
    return tuple(cones)


def _tips(
    anatomy: Anatomy, lung: Float32, rng: np.random.Generator
) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    inside = anatomy.lattice.points()[lung < -_TIP_DEPTH_MM]
    chosen = inside[rng.choice(len(inside), _TIPS, replace=False)]
    return np.asarray(chosen + rng.uniform(-STEP_MM / 2, STEP_MM / 2, chosen.shape))
