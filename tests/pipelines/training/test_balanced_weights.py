import numpy as np
import pytest

from resmtnet.pipelines.training.balanced_weights import balanced_weights
from resmtnet.pipelines.training.lidc_nodules import LidcRecord


def record(diameter_mm: int, *scores: int) -> LidcRecord:
    """A nodule as wide as this, one slice thick, on voxels of 1 mm."""
    readers = np.zeros((3, 24, 24), np.uint8)
    readers[1, 2:5, 2 : 2 + diameter_mm] = 1
    ratings = tuple({"malignancy": str(s)} for s in scores)
    return LidcRecord("K", "P", np.zeros((3, 24, 24), np.int16), readers, (1, 1, 1), np.eye(4), {}, ratings)


SMALL_BENIGN, LARGE_MALIGNANT = record(4, 1, 2, 1), record(15, 4, 5)


@pytest.mark.parametrize(("evenness", "expected"), [(0.0, [1, 1, 1, 1]), (0.5, [1, 1, 1, 3**0.5]), (1.0, [1, 1, 1, 3])])
def test_a_rare_group_is_drawn_more_often(evenness, expected):
    weights = balanced_weights([SMALL_BENIGN] * 3 + [LARGE_MALIGNANT], evenness=evenness)
    np.testing.assert_allclose(weights, np.array(expected) / sum(expected))


def test_by_default_groups_count_by_their_root():
    weights = balanced_weights([SMALL_BENIGN] * 4 + [LARGE_MALIGNANT])
    np.testing.assert_allclose(weights, np.array([0.5, 0.5, 0.5, 0.5, 1.0]) / 3.0)


@pytest.mark.parametrize(
    ("a", "b", "alike"),
    [
        (record(3, 1), record(4, 2), True),
        (record(4, 1), record(5, 1), False),
        (record(7, 1), record(8, 1), False),
        (record(11, 1), record(12, 1), False),
        (record(12, 1), record(18, 1), True),
        (record(6, 2), record(6, 2, 3), False),  # 2.5 is no longer benign
        (record(6, 2, 3), record(6, 3, 4), True),  # nor is 3.5 malignant
        (record(6, 3, 4), record(6, 4), False),
        (record(6), record(6, 1), False),
    ],
)
def test_groups_by_size_and_by_mean_malignancy(a, b, alike):
    # two of one group weigh alike beside any third; of two groups, the one with two members weighs less
    first, _, other = balanced_weights([a, a, b], evenness=1.0)
    assert (first == pytest.approx(other)) == alike


def test_none_have_no_weights():
    assert balanced_weights([]).shape == (0,)
