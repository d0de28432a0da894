from dataclasses import replace

import numpy as np
import pytest

from resmtnet.pipelines.evaluation.label_rules import RULES, malignant_label, malignant_share, mean_rating, sides_of
from resmtnet.pipelines.evaluation.subgroups import subgroups


def sides(outcome, **changes):
    changed = replace(outcome, **changes)
    return {rule: int(sides_of([changed], rule)[0]) for rule in RULES}


def test_clear_ratings(simulated):
    malignant = sides(simulated[0], scores=[4, 4, 3], modal_score=4, diameter_mm=10.0)
    assert set(malignant.values()) == {1}
    benign = sides(simulated[0], scores=[2, 2, 3], modal_score=2, diameter_mm=10.0)
    assert set(benign.values()) == {-1}


def test_the_ends_of_the_rules(simulated):
    # 2.5 and 3.5 are neither clearly benign nor clearly malignant; 3 is malignant where none is left out
    assert sides(simulated[0], scores=[2, 3, 2, 3], modal_score=2)["mean"] == 0
    assert sides(simulated[0], scores=[4, 3, 4, 3], modal_score=3)["mean"] == 0
    indeterminate = sides(simulated[0], scores=[3, 3, 3], modal_score=3, diameter_mm=10.0)
    assert indeterminate == {"mean": 0, "modal": 0, "6_14mm": 0, "mean_3_up": 1, "modal_3_up": 1}
    assert [sides(simulated[0], modal_score=5, diameter_mm=d)["6_14mm"] for d in (5.9, 6.0, 14.0, 14.1)] == [0, 1, 1, 0]


def test_two_readers_have_a_mode_but_no_mean(simulated):
    two = sides(simulated[0], scores=[5, 5], modal_score=5, diameter_mm=20.0)
    assert two == {"mean": 0, "modal": 1, "6_14mm": 0, "mean_3_up": 0, "modal_3_up": 1}
    assert np.isnan(mean_rating(replace(simulated[0], scores=[5, 5])))


def test_nobody_rated_it(simulated):
    assert set(sides(simulated[0], scores=[], modal_score=0).values()) == {0}


def test_share_counts_a_three_as_half(simulated):
    assert malignant_share(replace(simulated[0], scores=[1, 3, 5, 4])) == pytest.approx(2.5 / 4)
    assert np.isnan(malignant_share(replace(simulated[0], scores=[1, 3])))
    labels = [malignant_label(replace(simulated[0], scores=[s] * 3)) for s in (1, 5)]
    assert labels == [0, 1]


def chosen(outcome, kind, **changes):
    return [name for name, rows in subgroups([replace(outcome, **changes)])[kind].items() if rows[0]]


@pytest.mark.parametrize(
    ("kind", "changes", "name"),
    [
        ("diameter", {"diameter_mm": 5.99}, "<6 mm"),
        ("diameter", {"diameter_mm": 6.0}, "6-10 mm"),
        ("diameter", {"diameter_mm": 20.0}, ">=20 mm"),
        ("texture", {"attributes": {"texture": 2.33}}, "non-solid"),
        ("texture", {"attributes": {"texture": 4.33}}, "part-solid"),
        ("texture", {"attributes": {"texture": 4.75}}, "solid"),
        ("slice_distance", {"slice_mm": 1.25 + 1e-9}, "<=1.25 mm"),
        ("slice_distance", {"slice_mm": 2.0}, "1.25-2 mm"),
        ("slice_distance", {"slice_mm": 2.5}, ">2 mm"),
    ],
)
def test_every_nodule_has_one_subgroup_of_each_kind(simulated, kind, changes, name):
    assert chosen(simulated[0], kind, **changes) == [name]


def test_the_unknown_is_in_no_subgroup(simulated):
    assert chosen(simulated[0], "texture", attributes={}) == []
    assert chosen(simulated[0], "slice_distance", slice_mm=None) == []
