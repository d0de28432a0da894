from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from resmtnet.networks.packing import ATTRIBUTES
from resmtnet.pipelines.results.findings_csv import RATINGS
from resmtnet.pipelines.size_classes.fleischner import fleischner_size_class, fleischner_size_class_by_volume
from resmtnet.pipelines.size_classes.lung_rads import lung_rads_size_class, lung_rads_size_class_by_volume
from resmtnet.pipelines.size_classes.nodule_type import nodule_type
from resmtnet.pipelines.size_classes.round_half_up import round_half_up
from resmtnet.pipelines.size_classes.size_classes import size_classes

# rows of Lung-RADS v2022 at baseline: type, from, below (mm), from, below (mm3), class
LUNG_RADS = [
    ("solid", 0, 6, 0, 113, "2"),
    ("solid", 6, 8, 113, 268, "3"),
    ("solid", 8, 15, 268, 1767, "4A"),
    ("solid", 15, 200, 1767, 10**6, "4B"),
    ("part_solid", 0, 6, 0, 113, "2"),
    ("part_solid", 6, 200, 113, 10**6, "3_to_4B"),
    ("ground_glass", 0, 30, 0, 14137, "2"),
    ("ground_glass", 30, 200, 14137, 10**6, "3"),
]


@pytest.mark.parametrize(("kind", "low_mm", "high_mm", "low_mm3", "high_mm3", "expected"), LUNG_RADS)
def test_row_of_lung_rads(kind, low_mm, high_mm, low_mm3, high_mm3, expected):
    assert lung_rads_size_class(low_mm, low_mm, kind) == expected
    assert lung_rads_size_class(high_mm - 0.1, high_mm - 0.1, kind) == expected
    assert lung_rads_size_class(high_mm, high_mm, kind) != expected or high_mm == 200
    assert lung_rads_size_class_by_volume(low_mm3, kind) == expected
    assert lung_rads_size_class_by_volume(high_mm3 - 1, kind) == expected
    assert lung_rads_size_class_by_volume(high_mm3, kind) != expected or high_mm3 == 10**6


# rows of table 1 of the Fleischner guideline: type, smallest and largest whole mm, smallest and largest mm3, class
FLEISCHNER = [
    ("solid", 0, 5, 0, 99, "solid_below_6_mm"),
    ("solid", 6, 8, 100, 250, "solid_6_to_8_mm"),
    ("solid", 9, 100, 251, 10**6, "solid_above_8_mm"),
    ("part_solid", 0, 5, 0, 99, "part_solid_below_6_mm"),
    ("part_solid", 6, 100, 100, 10**6, "part_solid_from_6_mm"),
    ("ground_glass", 0, 5, 0, 99, "ground_glass_below_6_mm"),
    ("ground_glass", 6, 100, 100, 10**6, "ground_glass_from_6_mm"),
]


@pytest.mark.parametrize(("kind", "low_mm", "high_mm", "low_mm3", "high_mm3", "expected"), FLEISCHNER)
def test_row_of_fleischner(kind, low_mm, high_mm, low_mm3, high_mm3, expected):
    sizes = (low_mm, high_mm, high_mm + 0.49)
    assert {fleischner_size_class(mm, mm, kind) for mm in sizes} == {expected}
    assert fleischner_size_class(high_mm + 0.5, high_mm + 0.5, kind) != expected or high_mm == 100
    assert {fleischner_size_class_by_volume(mm3, kind) for mm3 in (low_mm3, high_mm3)} == {expected}


def test_the_mean_is_rounded_as_each_system_says():
    # 6.04 and 5.84 are 6.0 and 5.8: their mean is 5.9; the mean without rounding first, 5.94, is the same
    assert lung_rads_size_class(6.04, 5.84, "solid") == "2"
    # 6.06 and 5.84 are 6.1 and 5.8, their mean 5.95 goes up to 6.0, although 5.95 mm is below 6 mm
    assert lung_rads_size_class(6.06, 5.84, "solid") == "3"
    # 5.5 goes up to 6 by Fleischner and stays 5.5 by Lung-RADS
    assert fleischner_size_class(6.0, 5.0, "solid") == "solid_6_to_8_mm"
    assert lung_rads_size_class(6.0, 5.0, "solid") == "2"
    assert fleischner_size_class(9.0, 8.0, "solid") == "solid_above_8_mm"  # 8.5; half to even would give 8
    assert [str(round_half_up(value, 0)) for value in (0.5, 2.5, 99.5)] == ["1", "3", "100"]


def test_long_and_short_axis_count_alike():
    assert lung_rads_size_class(12, 3.9, "solid") == "4A"  # 7.95 mm: 8.0
    assert lung_rads_size_class(12, 3.8, "solid") == "3"  # 7.9 mm


@pytest.mark.parametrize(
    ("texture", "kind"),
    [(1.0, "ground_glass"), (2.49, "ground_glass"), (2.5, "part_solid"), (4.49, "part_solid"), (4.5, "solid")],
)
def test_type_by_texture(texture, kind):
    assert nodule_type({"texture": texture, "margin": 1.0}) == kind


def test_a_nodule_of_unknown_type_has_no_class():
    assert nodule_type({"margin": 5.0}) is None
    assert lung_rads_size_class(9, 9, None) is None
    assert lung_rads_size_class_by_volume(9, None) is None
    assert fleischner_size_class(9, 9, None) is None
    assert fleischner_size_class_by_volume(9, None) is None


@pytest.mark.parametrize("size", [-0.1, float("nan"), float("inf")])
def test_no_size_is_refused(size):
    with pytest.raises(ValueError, match="finite number from 0"):
        lung_rads_size_class(size, 5, "solid")
    with pytest.raises(ValueError, match="finite number from 0"):
        fleischner_size_class_by_volume(size, "solid")


@dataclass(frozen=True)
class Nodule:
    long_axis_mm: float = 9.0
    short_axis_mm: float = 6.0
    volume_mm3: float = 120.0
    attributes: dict[str, float] = field(default_factory=lambda: {"texture": 4.8})


def test_all_fields_of_one_finding():
    assert size_classes(Nodule()) == {
        "mean_diameter_mm": 7.5,
        "research_nodule_type": "solid",
        "research_lung_rads_style_size_class": "3",
        "research_lung_rads_style_size_class_by_volume": "3",
        "research_fleischner_style_size_class": "solid_6_to_8_mm",
        "research_fleischner_style_size_class_by_volume": "solid_6_to_8_mm",
    }
    assert all("category" not in name for name in size_classes(Nodule()))


def test_columns_of_the_table_are_the_attributes_of_the_network():
    assert RATINGS == ATTRIBUTES
