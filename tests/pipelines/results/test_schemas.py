from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from jsonschema import Draft202012Validator

from resmtnet.pipelines.results.case_json import SCHEMA_VERSION, case_json
from resmtnet.pipelines.results.finished_cases import finished_cases
from resmtnet.pipelines.results.outputs import OUTPUTS
from resmtnet.pipelines.results.run_info import RunInfo
from resmtnet.pipelines.results.run_json import run_json
from resmtnet.pipelines.results.write_case import write_case


def schema(name: str) -> Any:
    found = json.loads((files("resmtnet.data_manifests") / f"{name}.schema.json").read_bytes())
    Draft202012Validator.check_schema(found)
    return found


def faults(name: str, document: Any) -> list[str]:
    return [error.json_path for error in Draft202012Validator(schema(name)).iter_errors(document)]


@pytest.fixture(params=["ok", "warned", "rejected", "failed", "skipped", "no finding"])
def document(request, make_case, rejected) -> Any:
    result, volume = make_case("oblique")
    status = request.param
    if status in ("ok", "warned"):
        codes = ("W_LOSSY",) if status == "warned" else ()
        made = case_json(replace(result, status=status, codes=codes, outputs=tuple(OUTPUTS)), volume)
    elif status == "no finding":
        made = case_json(replace(result, findings=()), volume)
    else:
        made = case_json(replace(rejected, status=status), None)
    return json.loads(made)


def test_a_case_of_every_status_fits_the_schema(document) -> None:
    assert faults("case", document) == []
    assert document["schema_version"] == SCHEMA_VERSION == 2


def test_every_field_of_a_case_is_in_the_schema_and_needed(make_case) -> None:
    document = json.loads(case_json(*make_case()))
    for holder, known in ((document, schema("case")), (document["findings"][0], schema("case")["$defs"]["finding"])):
        assert set(holder) == set(known["properties"]) == set(known["required"])


def changed(document: Any) -> Iterator[Any]:
    finding = document["findings"][0]
    yield {**document, "schema_version": 1}
    yield {**document, "frame": "RAS"}
    yield {**document, "patient": "x"}
    yield {**document, "shape_ijk": None}
    yield {**document, "codes": ["free text"]}
    yield {**document, "status": "rejected", "codes": ["E_DECODE"]}  # with findings
    yield {**document, "findings": [{**finding, "probability": 1.2}]}
    yield {**document, "findings": [{**finding, "centre_lps_mm": [1, 2]}]}
    yield {**document, "findings": [{**finding, "research_lung_rads_style_size_class": "4X"}]}
    yield {**document, "findings": [{k: v for k, v in finding.items() if k != "long_axis_ijk"}]}


@pytest.mark.parametrize("number", range(10))
def test_the_schema_refuses_what_is_wrong(make_case, number: int) -> None:
    documents = list(changed(json.loads(case_json(*make_case()))))
    assert len(documents) == 10
    assert faults("case", documents[number])


def test_a_run_fits_the_schema(make_case, rejected, tmp_path: Path) -> None:
    write_case(tmp_path, rejected, None)
    write_case(tmp_path, *make_case())
    run = RunInfo("lung_nodule_ct", 3, versions={"resmtnet": "0"}, timings_s={"total": 2.5}, skipped={"I_NON_DICOM": 2})
    document = json.loads(run_json(tuple(finished_cases(tmp_path).values()), run))
    assert faults("run", document) == []
    assert set(document) == set(schema("run")["properties"])
    assert document["outputs"] == ["csv", "html", "json"]
    assert faults("run", {**document, "exit_code": 7})
    assert faults("run", {**document, "cases_by_status": {"fine": 1}})


def test_words_of_the_schemas_are_those_of_the_command() -> None:
    for name in ("case", "run"):
        assert set(schema(name)["$defs"]["words"]["items"]["enum"]) == set(OUTPUTS)


@pytest.mark.parametrize("lie", ["axial", "sagittal", "flipped", "oblique", "sheared"])
def test_end_points_stand_in_voxels_too(make_case, lie: str) -> None:
    result, volume = make_case(lie)
    (finding,) = json.loads(case_json(result, volume))["findings"]
    affine = np.array(json.loads(case_json(result, volume))["affine_lps"])
    for axis in ("long", "short"):
        ijk = np.c_[finding[f"{axis}_axis_ijk"], [1, 1]]
        np.testing.assert_allclose((ijk @ affine.T)[:, :3], finding[f"{axis}_axis_lps_mm"], atol=1e-9)
        length = np.linalg.norm(np.diff(finding[f"{axis}_axis_lps_mm"], axis=0))
        assert length == pytest.approx(finding[f"{axis}_axis_mm"])
