from __future__ import annotations

import numpy as np

from resmtnet.pipelines.phantom.vessels import vessel_tree


def test_tree_is_connected_reaches_every_tip_and_tapers() -> None:
    rng = np.random.default_rng(0)
    tips = rng.uniform(-50, 50, (60, 3))
    cones = vessel_tree((0, 0, 0), tips, rng)
    starts = np.array([c.start for c in cones])
    stops = np.array([c.stop for c in cones])
    known = np.vstack([[[0, 0, 0]], stops])
    assert all(np.linalg.norm(known - start, axis=1).min() < 1e-9 for start in starts)
    assert all(np.linalg.norm(stops - tip, axis=1).min() < 1e-9 for tip in tips)
    assert all(c.stop_radius_mm <= c.start_radius_mm for c in cones)
    assert cones[0].start_radius_mm == max(c.start_radius_mm for c in cones)
    assert len(cones) == 2 * (2 * 60 - 1)  # a binary tree, each branch of two rods
