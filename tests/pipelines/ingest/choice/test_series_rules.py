"""Which series are taken, and that the choice and its reason are recorded."""

from __future__ import annotations

import math

import pytest

from resmtnet.pipelines.ingest.choice.read_series_rules import read_series_rules
from resmtnet.pipelines.ingest.choice.series_rules import SeriesRules
from resmtnet.pipelines.ingest.faulty_option import FaultyOption
from resmtnet.pipelines.ingest.ingest_options import IngestOptions, ingest_options
from resmtnet.pipelines.ingest.plan_scans import plan_scans
from resmtnet.pipelines.phantom.dicom_series import write_ct_series
from resmtnet.pipelines.phantom.linear import linear_phantom

SHAPE = (12, 8, 10)


def write(folder, affine, seed, study=None, slices=12, **values):
    def edit(k, ds):
        for name, value in values.items():
            setattr(ds, name, value)
        if study is not None:  # several series of one patient and study
            ds.StudyInstanceUID, ds.PatientID, ds.PatientName = f"2.25.{study}", f"P{study}", f"P{study}"

    write_ct_series(folder, linear_phantom((slices, *SHAPE[1:]), affine), affine, seed=seed, edit=edit)


def chosen(root, **rules):
    scans = plan_scans(root, IngestOptions(rules=SeriesRules(**rules)))
    reasons = {r.origin.relative_path: r.reason for r in scans.rejections}
    assert {(r.status, r.code) for r in scans.rejections} <= {("skipped", "I_NOT_CHOSEN")}
    return {plan.origin.relative_path: plan.choice for plan in scans.plans}, reasons


@pytest.mark.parametrize(
    ("rules", "values", "reason"),
    [
        ({"max_thickness_mm": 3}, {"SliceThickness": 5}, "slices 5 mm thick, at most 3 wanted"),
        ({"max_spacing_mm": 2}, {}, "2.5 mm between slices, at most 2 wanted"),
        ({"min_slices": 13}, {}, "12 slices, at least 13 wanted"),
        ({"min_coverage_mm": 28}, {}, "28 mm covered, at least 28 wanted"),  # 11 steps of 2.5 mm: 27.5
        ({"planes": ("coronal", "oblique")}, {}, "axial slices, wanted are coronal or oblique"),
        ({"kernel": "^B[3-7]"}, {"ConvolutionKernel": "STANDARD"}, "its kernel does not match"),
        ({"body_part": ("CHEST", "THORAX")}, {"BodyPartExamined": "HEAD"}, "another body part than wanted"),
        ({"image_type_has": ("ORIGINAL",)}, {"ImageType": ["DERIVED", "PRIMARY"]}, "ImageType without ORIGINAL"),
        ({"description": "lung"}, {"SeriesDescription": "Abdomen"}, "its description does not match"),
        ({"description_lacks": "abdo"}, {"SeriesDescription": "Abdomen"}, "its description matches what is not"),
        ({"modality": ("PT",)}, {}, "another modality than wanted"),
    ],
)
def test_a_condition_that_does_not_hold_leaves_the_series_out(rules, values, reason, tmp_path, affine):
    write(tmp_path / "a", affine, 1, **values)
    taken, left = chosen(tmp_path, **rules)
    assert taken == {}
    assert reason in left["a"]
    for text in values.values():
        assert not isinstance(text, str) or text not in left["a"]  # free text is not quoted


@pytest.mark.parametrize(
    ("rules", "values"),
    [
        ({"max_thickness_mm": 5}, {"SliceThickness": 5}),
        ({"max_spacing_mm": 2.5}, {}),
        ({"min_slices": 12, "min_coverage_mm": 27.5}, {}),
        ({"planes": ("axial",)}, {}),
        ({"kernel": "^b[3-7]"}, {"ConvolutionKernel": "B60f"}),
        ({"body_part": ("chest",)}, {}),
        ({"body_part": ("THORAX",)}, {"BodyPartExamined": ""}),  # not said: not held against it
        ({"image_type_has": ("axial", "ORIGINAL")}, {}),
        ({"description": "lung"}, {"SeriesDescription": "LUNG 1.0"}),
    ],
)
def test_a_condition_that_holds_takes_it(rules, values, tmp_path, affine):
    write(tmp_path / "a", affine, 1, **values)
    assert chosen(tmp_path, **rules) == ({"a": "fits the rules"}, {})


@pytest.mark.parametrize("value", ["MIP", "MIN IP", "CSA MIP", "MINIP"])
def test_projections_are_left_out_by_default(value, tmp_path, affine):
    write(tmp_path / "a", affine, 1, ImageType=["DERIVED", "SECONDARY", "AXIAL", value])
    assert chosen(tmp_path)[0] == {}


def test_reformats_and_thick_slices_are_taken_by_default(tmp_path, affine):
    write(tmp_path / "a", affine, 1, ImageType=["DERIVED", "SECONDARY", "MPR"], SliceThickness=10)
    assert chosen(tmp_path) == ({"a": "fits the rules"}, {})


def test_the_best_of_each_study_is_kept(tmp_path, affine):
    write(tmp_path / "thick", affine, 1, study=7, SliceThickness=5)
    write(tmp_path / "thin", affine, 2, study=7, SliceThickness=1, slices=6)
    write(tmp_path / "thin_and_long", affine, 3, study=7, SliceThickness=1)
    write(tmp_path / "other_study", affine, 4, study=8, SliceThickness=5)
    taken, left = chosen(tmp_path, keep=1)
    assert taken == {
        "thin_and_long": "fits the rules; number 1 of 3 of its study by thickness, coverage, slices",
        "other_study": "fits the rules; number 1 of 1 of its study by thickness, coverage, slices",
    }
    assert "number 2 of 3 of its study by thickness, coverage, slices; 1 kept" in left["thin"]
    assert "number 3 of 3" in left["thick"]
    assert set(chosen(tmp_path, keep=2)[1]) == {"thick"}


def test_kernels_in_the_order_of_preference(tmp_path, affine):
    write(tmp_path / "soft", affine, 1, study=7, ConvolutionKernel="B30f")
    write(tmp_path / "sharp", affine, 2, study=7, ConvolutionKernel="B60f")
    write(tmp_path / "unknown", affine, 3, study=7)
    order = {"keep": 1, "by": ("kernel",)}
    assert set(chosen(tmp_path, kernels=("B[56]", "B3"), **order)[0]) == {"sharp"}
    assert set(chosen(tmp_path, kernels=("B[34]",), **order)[0]) == {"soft"}


def test_series_of_one_patient_over_studies(tmp_path, affine):
    for seed in (1, 2):
        write(tmp_path / str(seed), affine, seed, SliceThickness=seed, PatientID="P", PatientName="P")
    assert set(chosen(tmp_path, keep=1)[0]) == {"1", "2"}
    assert set(chosen(tmp_path, keep=1, per="patient")[0]) == {"1"}


def test_rules_from_yaml(tmp_path):
    file = tmp_path / "rules.yaml"
    order = "keep: 1\nby: [kernel, thickness]\nkernels: [B30, B60]\n"
    file.write_text("max_thickness_mm: 3\nplanes: axial\nimage_type_lacks: [MIP]\n" + order)
    assert read_series_rules(file) == SeriesRules(
        max_thickness_mm=3,
        planes=("axial",),
        image_type_lacks=("MIP",),
        keep=1,
        by=("kernel", "thickness"),
        kernels=("B30", "B60"),
    )
    assert read_series_rules(file).max_spacing_mm == math.inf


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("thickness: 3", "Unknown series rule 'thickness'; known are modality, "),
        ("max_thickness_mm: thin", "'max_thickness_mm': found 'thin', expected a number"),
        ("min_slices: 2.5", "'min_slices': found 2.5, expected a whole number"),
        ("min_slices: true", "'min_slices': found True, expected a whole number"),
        ("keep: -1", "'keep': found -1"),
        ("planes: [axial, upright]", "'planes': found 'upright', expected one of axial, coronal, sagittal, oblique"),
        ("body_part: [1]", "'body_part': found 1, expected text"),
        ("kernel: 'B['", "'kernel': 'B[' is no regular expression"),
        ("- a\n- b", "must be a mapping of fields, found list"),
        ("a: [", "no YAML (line"),
        ("!!python/object/apply:os.getcwd []", "no YAML"),
    ],
)
def test_a_faulty_file_of_rules_names_the_fault(text, message, tmp_path):
    (tmp_path / "rules.yaml").write_text(text)
    with pytest.raises(FaultyOption) as caught:
        ingest_options(series_rules=tmp_path / "rules.yaml")
    assert message in str(caught.value)


def test_a_file_of_rules_that_is_not_there(tmp_path):
    with pytest.raises(FaultyOption, match="cannot be read"):
        ingest_options(series_rules=tmp_path / "none.yaml")


@pytest.mark.parametrize(
    "text",
    [
        "keep: 1\nby: []",
        "keep: 1\nkernels: [B30]",
        "keep: 1\nby: [kernel, thickness]",
        "by: [kernel]\nkernels: [B30]",
        "max_thickness_mm: .nan",
    ],
)
def test_rules_that_could_have_no_effect_are_refused(tmp_path, text):
    (tmp_path / "rules.yaml").write_text(text)
    with pytest.raises(FaultyOption, match="Series rule"):
        read_series_rules(tmp_path / "rules.yaml")
