"""What a patch teaches, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from resmtnet.pipelines.training.fusion.fusion_label import SeenNodule, fusion_label


def test_a_nodule_teaches_what_is_known_of_it():
    scores = np.array([0.25, 0, 0.75, 0, 0], np.float32)
    label = fusion_label(SeenNodule((1.0, -2.0, 3.0), 16.0, scores))
    assert label == pytest.approx([1, 0.1, -0.2, 0.3, np.log(2), 0.25, 0, 0.75, 0, 0, 1, 1, 1, 1, 0])


def test_what_is_not_known_has_no_weight():
    assert fusion_label(SeenNodule()).tolist() == [1] + [0] * 9 + [1, 0, 0, 0, 0]


def test_lung_teaches_that_there_is_no_nodule():
    assert fusion_label(None).tolist() == [0] * 10 + [1, 0, 0, 0, 0]
