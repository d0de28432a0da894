"""Shards joined equal a run that was not divided."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest
from jsonschema import Draft202012Validator

from resmtnet.pipelines.cli import main
from resmtnet.pipelines.inference.infer import infer
from resmtnet.pipelines.inference.shard import Shard
from resmtnet.pipelines.inference.usage_error import UsageError

OUTPUTS = ("json", "csv", "nifti", "html")


@dataclass(frozen=True)
class Runs:
    source: Path
    whole: Path
    parts: tuple[Path, ...]


@pytest.fixture(scope="module")
def runs(tmp_path_factory, small_chest, small_bundle) -> Runs:
    """Five scans and a broken one in a folder, done at once and in three parts, which lie inside the input."""
    source = tmp_path_factory.mktemp("runs") / "in"
    source.mkdir()
    affine_ras = np.diag([-1.0, -1.0, 1.0, 1.0]) @ small_chest.affine_lps
    for n in range(5):
        hu = small_chest.hu.copy()
        hu[0, 0, 0] += n
        nib.Nifti1Image(hu.transpose(2, 1, 0), affine_ras).to_filename(source / f"scan{n}.nii")
    (source / "broken.nii").write_bytes(b"not NIfTI at all")
    whole, parts = source.parent / "whole", tuple(source / "parts" / str(n) for n in (1, 2, 3))
    overrides = {"min_probability": 0.0, "max_findings": 3}
    more: dict[str, Any] = {"bundle": str(small_bundle), "progress": False, "overrides": overrides, "outputs": OUTPUTS}
    assert infer(source, whole, **more) == 3
    for n, part in enumerate(parts, start=1):
        infer(source, part, shard=f"{n}/3", **more)
    return Runs(source, whole, parts)


def merge(output: Path, *words: object) -> int:
    return main(["merge", str(output), *map(str, words), "--quiet"])


def contents(output: Path) -> dict[str, object]:
    """Every file, without what says how long a run took."""
    found: dict[str, object] = {}
    for path in sorted(path for path in output.rglob("*") if path.is_file()):
        name = path.relative_to(output).as_posix()
        data = path.read_bytes()
        if path.suffix == ".json":
            data = {key: value for key, value in json.loads(data).items() if key != "timings_s"}
        elif path.suffix == ".html":
            data = re.sub(rb"[\d.]+", b"", data.partition(b"<h2>Time</h2>")[0])
        found[name] = data
    return found


def test_the_parts_hold_each_case_once_and_say_which_part_they_are(runs):
    documents = [json.loads((part / "run.json").read_bytes()) for part in runs.parts]
    ids = [case_id for document in documents for case_id in document["case_ids"]]
    assert sorted(ids) == json.loads((runs.whole / "run.json").read_bytes())["case_ids"]
    assert len(ids) == 6
    for n, document in enumerate(documents, start=1):
        assert document["shard"] == f"{n}/3"
        assert all(Shard(n, 3).holds(case_id) for case_id in document["case_ids"])


def test_joined_they_are_what_an_undivided_run_writes(runs, tmp_path):
    assert merge(tmp_path / "out", *runs.parts) == 3
    assert contents(tmp_path / "out") == contents(runs.whole)
    schema = json.loads((files("resmtnet.data_manifests") / "run.schema.json").read_bytes())
    document = json.loads((tmp_path / "out" / "run.json").read_bytes())
    assert list(Draft202012Validator(schema).iter_errors(document)) == []
    stamps = {path: path.stat().st_mtime_ns for path in (tmp_path / "out" / "cases").rglob("case.json")}
    assert merge(tmp_path / "out", *reversed(runs.parts)) == 3  # goes on: nothing is left to copy
    assert {path: path.stat().st_mtime_ns for path in stamps} == stamps
    assert contents(tmp_path / "out") == contents(runs.whole)


def test_a_missing_part_is_asked_for(runs, tmp_path, capsys):
    assert merge(tmp_path / "out", *runs.parts[:2]) == 2
    assert "Shards are missing: 3." in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
    assert merge(tmp_path / "out", *runs.parts[:2], "--partial") in (0, 3)
    held = json.loads((tmp_path / "out" / "run.json").read_bytes())["case_ids"]
    assert held == [case_id for case_id in sorted(contents_ids(runs.whole)) if not Shard(3, 3).holds(case_id)]


def contents_ids(output: Path) -> list[str]:
    return [path.parent.name for path in output.glob("cases/[!.]*/case.json")]


def test_parts_that_do_not_belong_together(runs, tmp_path, capsys):
    other = tmp_path / "other"
    shutil.copytree(runs.parts[0], other)
    run = json.loads((other / "run.json").read_bytes())

    def changed(**values: object) -> None:
        (other / "run.json").write_text(json.dumps(run | values))

    for values, message in (
        ({"bundle": "another"}, "differ in bundle"),
        ({"shard": "1/4"}, "divided by 3 and 4"),
        ({"shard": "2/3"}, "Shard 2/3 was given 2 times"),
        ({"shard": ""}, "run without --shard"),
        ({"all_cases_hash": "0" * 64}, "drawn from different scans"),
    ):
        changed(**values)
        assert merge(tmp_path / "out", other, *runs.parts[1:]) == 2
        assert message in capsys.readouterr().err
    for values, message in (
        ({"schema_version": 1}, "another version"),
        ({"case_ids": [*run["case_ids"], "gone"]}, "lacks 1 of the cases"),
    ):
        changed(**values)
        assert merge(tmp_path / "out", other, *runs.parts[1:]) == 5
        assert message in capsys.readouterr().err
    (other / "run.json").unlink()
    assert merge(tmp_path / "out", other, *runs.parts[1:]) == 5
    assert "did not end" in capsys.readouterr().err
    assert merge(tmp_path / "out", runs.source, *runs.parts) == 5
    assert "is no OUTPUT of resmtnet infer" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_the_output_is_no_part_and_keeps_what_is_of_other_scans(runs, tmp_path, capsys):
    part = tmp_path / "part"
    shutil.copytree(runs.parts[0], part)
    before = contents(part)
    assert merge(part, part, *runs.parts[1:]) == 2
    assert "OUTPUT is one of the parts" in capsys.readouterr().err
    assert contents(part) == before
    other = tmp_path / "out"
    assert merge(other, *runs.parts) == 3
    stranger = other / "cases" / "stranger"
    shutil.copytree(other / "cases" / contents_ids(other)[0], stranger)
    assert merge(other, *runs.parts) == 2
    assert "holds 1 cases that are not of these parts" in capsys.readouterr().err
    assert stranger.is_dir()
    assert merge(other, *runs.parts, "--overwrite") == 3
    assert not stranger.exists()
    assert contents(other) == contents(runs.whole)


def test_a_part_that_was_begun_again_and_not_ended_is_no_part(runs, tmp_path, small_bundle, capsys):
    part = tmp_path / "part"
    shutil.copytree(runs.parts[0], part)
    record = next(part.glob("cases/[!.]*/case.json"))
    record.write_text(json.dumps({**json.loads(record.read_bytes()), "weights_hash": "of another model"}))
    assert merge(tmp_path / "out", part, *runs.parts[1:]) == 5
    assert "cases of another model" in capsys.readouterr().err


def test_each_part_has_a_folder_of_its_own(runs, tmp_path, small_bundle):
    part = tmp_path / "part"
    shutil.copytree(runs.parts[0], part)
    before = contents(part)
    for shard in ("2/3", "1/2", None):
        with pytest.raises(UsageError, match="OUTPUT holds part 1/3"):
            infer(runs.source, part, bundle=str(small_bundle), progress=False, shard=shard)
    assert contents(part) == before
    with pytest.raises(ValueError, match="shard is I/N"):
        infer(runs.source, tmp_path / "new", bundle=str(small_bundle), shard="4/3")
    assert not (tmp_path / "new").exists()
