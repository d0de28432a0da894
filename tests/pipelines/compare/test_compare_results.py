"""One phantom chest at two dates: the motion, the pairs and the growth are known."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from importlib.resources import files

import numpy as np
import pytest
from jsonschema import Draft202012Validator

from resmtnet.pipelines.compare.align_lungs import align_lungs
from resmtnet.pipelines.compare.compare_results import compare_aligned, compare_results
from resmtnet.pipelines.compare.comparison import Comparison
from resmtnet.pipelines.compare.comparison_json import comparison_json
from resmtnet.pipelines.compare.comparison_text import comparison_text
from resmtnet.pipelines.compare.judge_alignment import Alignment, judge_alignment
from resmtnet.pipelines.compare.lung_image import lung_image
from resmtnet.pipelines.compare.moved import moved
from resmtnet.pipelines.inference.usage_error import UsageError
from resmtnet.pipelines.phantom.chest import chest_phantom
from resmtnet.pipelines.records import SeriesFacts

TRUE_TURN_DEG, TRUE_SHIFT_MM, GREW, DAYS = (6.0, -4.0, 9.0), (18.0, -25.0, 31.0), 1.3, 120
TOLERANCE_MM = 1.0  # a third of a voxel of the grid that is aligned; seen: 0.2


@pytest.fixture(scope="session")
def images(before, after):
    return lung_image(before), lung_image(after)


@pytest.fixture(scope="session")
def motion(images) -> np.ndarray:
    return align_lungs(*images)


@pytest.fixture(scope="session")
def alignment(images, motion) -> Alignment:
    return judge_alignment(*images, motion)


@pytest.fixture
def comparison(before, after, result_before, result_after, alignment) -> Comparison:
    return compare_aligned((result_before, before), (result_after, after), alignment, interval_days=DAYS)


def turned() -> np.ndarray:
    """The same motion, written out anew: turns about x, then y, then z."""
    x, y, z = np.radians(TRUE_TURN_DEG)
    about_x = np.array([[1, 0, 0], [0, np.cos(x), -np.sin(x)], [0, np.sin(x), np.cos(x)]])
    about_y = np.array([[np.cos(y), 0, np.sin(y)], [0, 1, 0], [-np.sin(y), 0, np.cos(y)]])
    about_z = np.array([[np.cos(z), -np.sin(z), 0], [np.sin(z), np.cos(z), 0], [0, 0, 1]])
    matrix = np.eye(4)
    matrix[:3, :3], matrix[:3, 3] = about_z @ about_y @ about_x, TRUE_SHIFT_MM
    return matrix


def test_the_motion_is_recovered_everywhere_in_the_lungs(images, motion, alignment):
    assert alignment.judgement == "good"
    assert alignment.rotation_deg == pytest.approx(11.7, abs=0.3)
    points = images[0].points_lps()[images[0].lungs]
    errors_mm = np.linalg.norm(moved(points, motion) - moved(points, turned()), axis=1)
    assert errors_mm.max() < TOLERANCE_MM
    np.testing.assert_allclose(motion[:3, :3] @ motion[:3, :3].T, np.eye(3), atol=1e-9)


def test_the_same_scans_give_the_same_motion(images, motion):
    np.testing.assert_array_equal(align_lungs(*images), motion)


def test_pairs_growth_new_and_vanished(comparison, result_before, result_after):
    assert (comparison.status, comparison.codes) == ("ok", ())
    pairs = {(p.pair.before.finding_id, p.pair.after.finding_id): p for p in comparison.pairs}
    assert set(pairs) == {(1, 2), (2, 1)}
    assert all(p.pair.distance_mm < TOLERANCE_MM and not p.pair.ambiguous for p in comparison.pairs)
    grown, stable = pairs[1, 2].growth, pairs[2, 1].growth
    assert (grown.trend, stable.trend) == ("grown", "stable")
    assert grown.volume_change_percent == pytest.approx(100 * (GREW**3 - 1))
    assert grown.mean_diameter_change_mm == pytest.approx(4.2)
    assert grown.volume_doubling_time_days == pytest.approx(DAYS * np.log(2) / (3 * np.log(GREW)))
    (gone,), (new,) = comparison.vanished, comparison.new
    assert (gone.nodule.finding_id, new.nodule.finding_id) == (3, 3)
    expected = moved(result_before.nodules[2].centre_lps_mm, turned())
    np.testing.assert_allclose(gone.place_lps_mm, expected, atol=TOLERANCE_MM)
    back = moved(result_after.nodules[2].centre_lps_mm, np.linalg.inv(turned()))
    np.testing.assert_allclose(new.place_lps_mm, back, atol=TOLERANCE_MM)
    assert gone.shown
    assert new.shown


def test_the_place_in_the_other_scan_is_told_in_its_voxels(comparison, after):
    (gone,) = comparison.vanished
    np.testing.assert_allclose(moved(gone.place_ijk, after.affine_lps), gone.place_lps_mm, atol=1e-6)


def stretched(after, factor: float):
    """A deeper breath: lungs longer from top to bottom."""
    affine = after.affine_lps @ np.diag([1.0, 1.0, factor, 1.0])
    return replace(after, affine_lps=affine, plan=replace(after.plan, affine_lps=affine), digest=f"x{factor}")


def test_what_is_no_rigid_motion_is_told(images, after):
    image = lung_image(stretched(after, 1.1))
    assert judge_alignment(images[0], image, align_lungs(images[0], image)).judgement == "poor"


def test_another_chest_is_not_taken_for_the_same(before, result_before, result_after):
    other = chest_phantom(seed=7, nodules=(), spacing_mm=(4.0, 4.0, 4.0))
    scan = replace(before, hu=other.hu, affine_lps=other.affine_lps, digest="other")
    comparison = compare_results((result_before, before), (result_after, scan), interval_days=DAYS)
    assert (comparison.status, comparison.codes) == ("rejected", ("E_NOT_ALIGNED",))
    assert comparison.alignment is not None
    assert comparison.alignment.judgement == "useless"
    assert comparison.pairs == comparison.new == comparison.vanished == ()
    assert valid(comparison)["reason"]
    assert "Not compared" in comparison_text(comparison)


def test_half_of_the_lungs_in_common(before, after, result_before, result_after):
    """The upper half only: aligned all the same, flagged, and what it does not show has not vanished."""
    cut = after.hu.shape[0] // 2
    affine = after.affine_lps.copy()
    affine[:3, 3] += cut * affine[:3, 2]
    upper = replace(after, hu=after.hu[cut:], affine_lps=affine, digest="upper")
    comparison = compare_results((result_before, before), (result_after, upper), interval_days=DAYS)
    assert comparison.codes == ("W_POOR_ALIGNMENT",)
    assert comparison.alignment is not None
    assert comparison.alignment.common_share < 0.7
    points = np.array([n.centre_lps_mm for n in result_before.nodules])
    errors = moved(points, comparison.alignment.motion) - moved(points, turned())
    assert np.abs(errors).max() < 2 * TOLERANCE_MM
    low = replace(result_before.nodules[2], centre_lps_mm=(-64.0, 20.0, -40.0))
    lower = replace(result_before, nodules=(low,))
    (gone,) = compare_aligned((lower, before), (result_after, upper), comparison.alignment, interval_days=DAYS).vanished
    assert not gone.shown


def test_no_lungs_no_comparison(before, after, result_before, result_after):
    empty = replace(after, hu=np.full_like(after.hu, 40), digest="empty")
    comparison = compare_results((result_before, before), (result_after, empty), interval_days=DAYS)
    assert (comparison.status, comparison.alignment) == ("rejected", None)
    assert "No lungs" in valid(comparison)["reason"]


def test_faulty_calls(before, after, result_before, result_after):
    one, two = (result_before, before), (result_after, after)
    with pytest.raises(UsageError, match="older than the first"):
        compare_results(one, two, interval_days=-1)
    with pytest.raises(UsageError, match="same scan"):
        compare_results(one, one, interval_days=1)


def test_two_patients_are_not_one_unless_said(before, after, result_before, result_after):
    def named(volume, patient):
        return replace(volume, plan=replace(volume.plan, facts=SeriesFacts("CT", (), "", "", "", patient, "")))

    one, two = (result_before, named(before, "a")), (result_after, named(after, "b"))
    with pytest.raises(UsageError, match="--same-patient"):
        compare_results(one, two, interval_days=1)
    nobody = hashlib.sha256(b"|").hexdigest()  # headers with neither name nor id
    unnamed = (result_after, replace(named(after, nobody), hu=np.full((8, 8, 8), 40, np.int16)))
    for second, said in ((unnamed, False), ((two[0], replace(two[1], hu=unnamed[1].hu)), True)):
        assert compare_results(one, second, interval_days=1, same_patient=said).alignment is None


def valid(comparison: Comparison):
    document = json.loads(comparison_json(comparison))
    schema = json.loads((files("resmtnet.data_manifests") / "comparison.schema.json").read_bytes())
    Draft202012Validator.check_schema(schema)
    assert [error.json_path for error in Draft202012Validator(schema).iter_errors(document)] == []
    assert set(document) == set(schema["properties"])
    return document


def test_json_and_text(comparison, before, after, result_before, result_after) -> None:
    document = valid(comparison)
    assert document["interval_days"] == DAYS
    assert document["pairs"][0]["after"]["finding_id"] == 2
    assert comparison_json(comparison) == comparison_json(comparison)
    assert "2 in both, 1 new, 1 vanished; 120 days apart" in comparison_text(comparison)
    changed = replace(result_after, model=("c2", "w1"))
    other = compare_aligned((result_before, before), (changed, after), comparison.alignment, interval_days=None)
    assert (other.status, other.codes) == ("warned", ("W_OTHER_MODEL", "W_NO_INTERVAL"))
    assert valid(other)["pairs"][0]["volume_doubling_time_days"] is None
