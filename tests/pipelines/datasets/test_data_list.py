from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from resmtnet.pipelines.datasets.data_list import (
    DataList,
    Excluded,
    NoduleLabel,
    ReaderRating,
    Refused,
    ScanLabel,
)
from resmtnet.pipelines.datasets.data_list_error import DataListError
from resmtnet.pipelines.datasets.read_data_list import read_data_list
from resmtnet.pipelines.datasets.write_data_list import write_data_list

RATED = ReaderRating("1", 4, {"texture": 5, "calcification": 6, "internalStructure": 1})
NODULE = NoduleLabel(
    "n1", (0.1, -1 / 3, 2e-7), (math.pi, 3.0, 5.5), 5.5, "masks/a_n1.nii.gz", (RATED, ReaderRating("2"))
)
FULL = DataList(
    "own",
    (
        ScanLabel("a", "p1", "scans/a", True, (NODULE, NoduleLabel("n2", (1.0, 2.0, 3.0))), fold=3, checks=("W_X n1",)),
        ScanLabel("b", "p2", "/data/b.nii.gz", False, excluded=(Excluded((1.5, 2.5, 3.5), 4.25),)),
        ScanLabel("c", "p3", "c.mhd", True),
    ),
    (Refused("", "E_LABEL_NO_SCAN", "line 7"),),
)


def with_scan(**changes: object) -> DataList:
    return replace(FULL, scans=(replace(FULL.scans[0], **changes),))


def with_nodule(**changes: object) -> DataList:
    return with_scan(nodules=(replace(NODULE, **changes),))


def test_what_is_written_is_read_back_exactly(tmp_path):
    write_data_list(FULL, tmp_path)
    assert read_data_list(tmp_path) == FULL
    first = (tmp_path / "data_list.json").read_bytes()
    write_data_list(read_data_list(tmp_path / "data_list.json"), tmp_path / "again.json")
    assert (tmp_path / "again.json").read_bytes() == first


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (with_nodule(centre_lps_mm=(0.0, math.nan, 0.0)), "centre_lps_mm"),
        (with_nodule(centre_lps_mm=(0.0, math.inf, 0.0)), "centre_lps_mm"),
        (with_nodule(centre_lps_mm=(0.0, 1e6, 0.0)), r"scans\[0\].nodules\[0\].centre_lps_mm\[1\]"),
        (with_nodule(size_mm=(1.0, 0.0, 1.0)), "size_mm"),
        (with_nodule(mask="../x.nii.gz"), "mask.*leaves the folder"),
        (with_nodule(mask="masks/../../x.nii.gz"), "mask.*leaves the folder"),
        (with_nodule(mask="/abs/x.nii.gz"), "mask"),
        (with_nodule(nodule_id="../n"), "nodule_id"),
        (with_nodule(ratings=(ReaderRating("1", 6),)), r"ratings\[0\].malignancy"),
        (with_nodule(ratings=(ReaderRating("1", 3, {"colour": 1}),)), "attributes"),
        (with_scan(image="../scan"), "image.*leaves the folder"),
        (with_scan(case_id="a/b"), "case_id"),
        (with_scan(case_id="a\n"), "case_id"),
        (with_scan(case_id="a\x1b[2J"), "case_id"),
        (with_scan(case_id="a\0b"), "case_id"),
        (with_scan(case_id="a" * 101), "case_id"),
        (with_nodule(mask="masks/a\0b"), "mask"),
        (
            replace(
                FULL,
                scans=(
                    with_nodule(nodule_id="b_c").scans[0],
                    replace(with_nodule(nodule_id="c").scans[0], case_id="a_b"),
                ),
            ),
            "one case_id and nodule_id",
        ),
        (with_scan(nodules=(NODULE, NODULE)), r"scans\[0\].nodules\[1\].nodule_id"),
        (replace(FULL, scans=(FULL.scans[0], FULL.scans[0])), r"scans\[1\].case_id"),
        (replace(FULL, scans=(FULL.scans[0], replace(FULL.scans[1], patient_id="p1"))), "fold differs"),
    ],
)
def test_no_faulty_list_is_written_and_the_place_is_named(wrong, said, tmp_path):
    with pytest.raises(DataListError, match=said):
        write_data_list(wrong, tmp_path)
    assert list(tmp_path.iterdir()) == []


def damage(path: Path, **changes: object) -> None:
    document = json.loads(path.read_text())
    path.write_text(json.dumps({**document, **changes}))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"schema_version": 2}, "schema_version: expected const 1"),
        ({"frame": "RAS"}, "frame: expected const LPS"),
        ({"extra": 1}, "does not know"),
        ({"scans": [{"case_id": "a"}]}, r"scans\[0\]: needs .*image"),
        ({"manifest": math.nan}, "NaN"),
    ],
)
def test_a_foreign_list_is_judged_before_it_is_used(changes, said, tmp_path):
    write_data_list(FULL, tmp_path)
    damage(tmp_path / "data_list.json", **changes)
    with pytest.raises(DataListError, match=said):
        read_data_list(tmp_path)


def test_values_that_may_identify_are_not_quoted(tmp_path):
    with pytest.raises(DataListError) as caught:
        write_data_list(with_scan(fold="Smith"), tmp_path)
    assert "Smith" not in str(caught.value)


def test_a_list_that_is_missing_or_no_json_is_named(tmp_path):
    with pytest.raises(DataListError, match="FileNotFoundError"):
        read_data_list(tmp_path)
    (tmp_path / "data_list.json").write_text('{"scans": [\n1e999,]}')
    with pytest.raises(DataListError, match="line 2"):
        read_data_list(tmp_path)


def test_a_number_too_large_for_a_float_is_refused(tmp_path):
    write_data_list(FULL, tmp_path)
    path = tmp_path / "data_list.json"
    path.write_text(path.read_text().replace("4.25", "1e999"))
    with pytest.raises(DataListError, match="diameter_mm: expected maximum"):
        read_data_list(path)


def test_the_schema_is_one():
    from resmtnet.pipelines.datasets.data_list_schema import _schema

    Draft202012Validator.check_schema(_schema())
