from __future__ import annotations

import csv
from pathlib import Path

import pytest

from resmtnet.pipelines.results.findings_csv import COLUMNS, findings_csv
from resmtnet.pipelines.results.finished_cases import finished_cases
from resmtnet.pipelines.results.run_info import RunInfo
from resmtnet.pipelines.results.write_case import write_case


def row_of(make_case, folder: Path, **change: object) -> dict[str, str]:
    write_case(folder, *make_case(**change))
    text = findings_csv(tuple(finished_cases(folder).values()), RunInfo("b", 0)).decode()
    (row,) = csv.DictReader(text.splitlines())
    return row


def test_end_points_ratings_and_classes_have_columns(make_case, tmp_path: Path) -> None:
    finding = make_case()[0].findings[0]
    row = row_of(make_case, tmp_path)
    assert list(row) == list(COLUMNS)
    names = [f"long_axis_end{end}_{letter}_mm" for end in (1, 2) for letter in "xyz"]
    assert [float(row[name]) for name in names] == pytest.approx(
        [value for end in finding.long_axis_lps_mm for value in end], abs=1e-3
    )
    assert float(row["short_axis_end2_y_mm"]) == pytest.approx(finding.short_axis_lps_mm[1][1], abs=1e-3)
    assert (row["rating_texture"], row["rating_spiculation"], row["rating_margin"]) == ("4.500", "1.500", "")
    assert (row["mean_diameter_mm"], row["key_slice_k"]) == ("12.000", str(finding.key_slice_k))
    assert row["research_nodule_type"] == "solid"
    assert row["research_lung_rads_style_size_class"] == "4A"
    assert row["research_fleischner_style_size_class"] == "solid_above_8_mm"


def test_every_length_has_its_unit_in_its_name() -> None:
    lengths = [name for name in COLUMNS if "axis" in name or "diameter" in name]
    assert len(lengths) == 16
    assert all(name.endswith("_mm") for name in lengths)
