from __future__ import annotations

import json
from pathlib import Path

import pytest

from resmtnet.pipelines.results.finished_cases import finished_cases
from resmtnet.pipelines.results.renew_choice import renew_choice
from resmtnet.pipelines.results.write_case import write_case


def test_record_lets_the_caller_compare(make_case, rejected, tmp_path: Path) -> None:
    write_case(tmp_path, *make_case())
    write_case(tmp_path, rejected, None)
    records = finished_cases(tmp_path)
    assert list(records) == ["case-01", "case-02"]
    done = records["case-01"]
    assert (done.status, done.config_hash, done.weights_hash, done.input_digest) == ("ok", "c1", "w1", "d1")
    assert done.plan_digest == "p1"
    assert done.has_preview
    assert records["case-02"].status == "rejected"
    assert not records["case-02"].has_preview


def damage(text: str, how: str) -> str:
    content = json.loads(text)
    return {
        "half": text[: len(text) // 2],
        "empty": "",
        "list": "[]",
        "other version": json.dumps({**content, "schema_version": 1}),
        "other case": json.dumps({**content, "case_id": "case-09"}),
        "unknown status": json.dumps({**content, "status": "good"}),
        "field missing": json.dumps({k: v for k, v in content.items() if k != "findings"}),
    }[how]


@pytest.mark.parametrize(
    "how", ["half", "empty", "list", "other version", "other case", "unknown status", "field missing"]
)
def test_damaged_record_is_not_finished(make_case, tmp_path: Path, how: str) -> None:
    path = write_case(tmp_path, *make_case()) / "case.json"
    path.write_text(damage(path.read_text(), how))
    assert finished_cases(tmp_path) == {}


def test_record_tells_what_else_was_said(make_case, tmp_path: Path) -> None:
    write_case(tmp_path, *make_case(notes=("W_X (1)",), choice="fits the rules; number 1 of 2"))
    (record,) = finished_cases(tmp_path).values()
    assert (record.notes, record.choice) == (("W_X (1)",), "fits the rules; number 1 of 2")
    assert (record.bundle, record.outputs) == ("lung_nodule_ct", ("nifti", "preview", "json"))


def test_the_choice_is_renewed_and_nothing_else(make_case, tmp_path: Path) -> None:
    path = write_case(tmp_path, *make_case(choice="fits the rules; number 1 of 2")) / "case.json"
    before = json.loads(path.read_text())
    renew_choice(tmp_path, "case-01", "fits the rules")
    assert json.loads(path.read_text()) == {**before, "choice": "fits the rules"}
    assert sorted(p.name for p in path.parent.iterdir()) == ["case.json", "nodules.nii.gz", "preview.png"]


def test_nothing_there(tmp_path: Path) -> None:
    assert finished_cases(tmp_path / "nowhere") == {}
    (tmp_path / "cases" / "no-record").mkdir(parents=True)
    assert finished_cases(tmp_path) == {}
