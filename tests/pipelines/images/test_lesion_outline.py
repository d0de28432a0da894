from __future__ import annotations

import numpy as np
import pytest
import torch

from resmtnet.pipelines.images.lesion_outline import lesion_outline

MAP = torch.tensor([[0.05, 0.2, 0.3], [0.1, 0.4, 0.26], [0.0, 0.3, 0.2]])


@pytest.mark.parametrize(
    ("normal", "share", "expected"),
    [
        (0.2, 0.6, [[0, 0, 1], [0, 1, 1], [0, 1, 0]]),  # above 0.24
        (None, 0.6, [[0, 0, 1], [0, 1, 1], [0, 1, 0]]),
        (0.7, 0.6, np.zeros((3, 3))),
        (0.2, 1.0, np.zeros((3, 3))),
    ],
    ids=["a lesion", "no normal class", "none said", "off"],
)
def test_the_surest_place_is_outlined_where_a_lesion_is_said(normal, share, expected):
    made = lesion_outline(MAP, normal, mask_probability=0.5, surest_share=share)
    assert made.dtype == bool
    assert np.array_equal(made, np.array(expected, dtype=bool))


@pytest.mark.parametrize(("normal", "outlined"), [(None, True), (0.7, True), (0.71, False)])
def test_nothing_is_outlined_where_no_lesion_is_said_surely(normal, outlined):
    made = lesion_outline(2 * MAP, normal, mask_probability=0.35, empty_above=0.7)
    assert made.shape == (3, 3)
    assert np.array_equal(made, outlined * (2 * MAP > 0.35).numpy())


def test_a_sure_map_keeps_its_threshold():
    made = lesion_outline(2 * MAP, 0.0, mask_probability=0.35, surest_share=0.6)
    assert np.array_equal(made, (2 * MAP > 0.35).numpy())
