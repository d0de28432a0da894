from __future__ import annotations

import csv
import json
import logging
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import monai.bundle
import numpy as np
import pytest
import SimpleITK as sitk
import torch

from resmtnet.networks import ResMTNet
from resmtnet.pipelines.inference.infer import infer
from resmtnet.pipelines.inference.usage_error import UsageError
from resmtnet.pipelines.ingest.input_path_error import InputPathError
from resmtnet.pipelines.phantom.dicom_series import write_ct_series
from resmtnet.pipelines.results.links_csv import read_links
from resmtnet.pipelines.results.output_not_writable import OutputNotWritable

# the weights are random: everything is a candidate, and a few of them will do
OVERRIDES = {"min_probability": 0.0, "max_findings": 4}
PLACES = ("x_mm", "y_mm", "z_mm", "probability", "long_axis_mm", "volume_mm3", "mean_hu", "malignancy_probability")


def run(source: Path, output: Path, bundle: Path, **more: Any) -> int:
    overrides = OVERRIDES | more.pop("overrides", {})
    return infer(source, output, bundle=str(bundle), progress=False, overrides=overrides, **more)


def findings(output: Path) -> list[dict[str, str]]:
    with (output / "findings.csv").open(newline="") as stream:
        return list(csv.DictReader(stream))


def contents(output: Path) -> dict[str, object]:
    """Every file of the results; timings, the only thing that may differ from run to run, taken out."""
    files = {}
    for path in sorted(path for path in output.rglob("*") if path.is_file()):
        name = path.relative_to(output).as_posix()
        files[name] = path.read_bytes()
        if path.name in ("case.json", "run.json"):
            files[name] = {**json.loads(path.read_bytes()), "timings_s": None}
        if path.suffix == ".html":
            files[name] = without_times(path)
    return files


def without_times(page: Path) -> bytes:
    """Cut the table of times off, and numbers out: seconds stand in other tables, too."""
    return re.sub(rb"[\d.]+", b"", page.read_bytes().partition(b"<h2>Time</h2>")[0])


def marks(output: Path) -> dict[str, int]:
    return {path.parent.name: path.stat().st_mtime_ns for path in output.glob("cases/[!.]*/case.json")}


@pytest.fixture
def _logging_as_before() -> Iterator[None]:
    """Undo what a bundle's logging.conf does to the root logger."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level


def test_the_same_scan_in_every_format_gives_the_same_findings(tmp_path, small_chest, small_bundle, write_nifti):
    write_ct_series(tmp_path / "in" / "dicom", small_chest.hu, small_chest.affine_lps)
    write_nifti(tmp_path / "in" / "scan.nii.gz")
    image = sitk.GetImageFromArray(small_chest.hu)
    image.SetSpacing((2.5, 2.5, 2.5))
    image.SetOrigin(small_chest.affine_lps[:3, 3].tolist())
    sitk.WriteImage(image, str(tmp_path / "in" / "scan.mha"))
    assert run(tmp_path / "in", tmp_path / "out", small_bundle) == 0
    rows = findings(tmp_path / "out")
    assert len(rows) == 3 * OVERRIDES["max_findings"]
    by_case = [
        [{p: r[p] for p in PLACES} for r in rows if r["case_id"] == case] for case in {r["case_id"] for r in rows}
    ]
    assert len(by_case) == 3
    assert by_case[0] == by_case[1] == by_case[2]
    digests = {json.loads(p.read_bytes())["input_digest"] for p in (tmp_path / "out").glob("cases/*/case.json")}
    assert len(digests) == 1


@pytest.mark.usefixtures("_logging_as_before")
def test_the_bundle_command_does_the_same(tmp_path, small_bundle, write_nifti, monkeypatch):
    write_nifti(tmp_path / "in" / "scan.nii.gz")
    assert run(tmp_path / "in", tmp_path / "ours", small_bundle) == 0
    monkeypatch.chdir(tmp_path)  # nothing may depend on the working directory
    run_bundle(small_bundle, "in", "theirs")
    ours, theirs = contents(tmp_path / "ours"), contents(tmp_path / "theirs")
    assert ours == theirs
    assert len(ours) == 9  # four of the case, three of the run, the links, the marker
    before = marks(tmp_path / "ours")
    run_bundle(small_bundle, "in", "ours")  # goes on where the command stopped: nothing is left to do
    assert marks(tmp_path / "ours") == before


def run_bundle(bundle: Path, source: str, output: str) -> None:
    config = str(bundle / "configs" / "inference.json")
    with pytest.warns(UserWarning, match="source you trust"):
        monai.bundle.run(
            config_file=config, bundle_root=str(bundle), dataset_dir=source, output_dir=output, **OVERRIDES
        )


def test_a_second_call_does_what_is_left(tmp_path, small_bundle, write_nifti):
    source, output = tmp_path / "in", tmp_path / "out"
    write_nifti(source / "a.nii")
    assert run(source, output, small_bundle) == 0
    first = marks(output)
    assert run(source, output, small_bundle) == 0
    assert marks(output) == first
    write_nifti(source / "b.nii", change=1)
    assert run(source, output, small_bundle) == 0
    assert len(marks(output)) == 2
    assert first.items() <= marks(output).items()
    assert len(findings(output)) == 2 * OVERRIDES["max_findings"]


def test_another_config_or_other_weights_do_it_again(tmp_path, small_bundle, write_nifti):
    source, output = tmp_path / "in", tmp_path / "out"
    write_nifti(source / "a.nii")
    run(source, output, small_bundle)
    first = marks(output)
    run(source, output, small_bundle, overrides={"max_findings": 2})
    assert len(findings(output)) == 2
    second = marks(output)
    assert second != first
    weights = small_bundle / "models" / "model.pt"
    kept = weights.read_bytes()
    try:
        torch.manual_seed(1)
        config = json.loads((small_bundle / "configs" / "inference.json").read_text())["network_def"]
        torch.save(ResMTNet(**{k: v for k, v in config.items() if k != "_target_"}).state_dict(), weights)
        run(source, output, small_bundle, overrides={"max_findings": 2})
    finally:
        weights.write_bytes(kept)
    assert marks(output) != second


def test_overwrite_does_it_again_and_no_links_leaves_them_out(tmp_path, small_bundle, write_nifti):
    source, output = tmp_path / "in", tmp_path / "out"
    write_nifti(source / "a.nii")
    run(source, output, small_bundle)
    first = marks(output)
    assert (output / "private" / "links.csv").stat().st_mode & 0o777 == 0o600
    run(source, output, small_bundle, overwrite=True, links=False)
    assert marks(output) != first
    assert not (output / "private").exists()
    run(source, output, small_bundle)
    assert (output / "private" / "links.csv").is_file()
    run(source, output, small_bundle, links=False)
    assert not (output / "private").exists()


def test_one_bad_scan_stops_nobody(tmp_path, small_bundle, write_nifti, small_chest):
    source = tmp_path / "in"
    write_nifti(source / "a.nii")
    bad = small_chest.hu.astype(np.float32)
    bad[3, 4, 5] = np.nan
    image = sitk.GetImageFromArray(bad)
    image.SetSpacing((2.5, 2.5, 2.5))
    sitk.WriteImage(image, str(source / "nan.mha"))
    assert run(source, tmp_path / "out", small_bundle) == 3
    records = [json.loads(path.read_bytes()) for path in (tmp_path / "out").glob("cases/*/case.json")]
    assert sorted((r["status"], *r["codes"]) for r in records) == [("ok",), ("rejected", "E_NAN")]
    assert all(r["config_hash"] and r["weights_hash"] and r["versions"]["torch"] for r in records)


def test_the_mask_lies_on_the_source_grid(tmp_path, small_bundle, write_nifti, small_chest):
    write_nifti(tmp_path / "in" / "a.nii")
    run(tmp_path / "in", tmp_path / "out", small_bundle)
    (mask,) = (tmp_path / "out").glob("cases/*/nodules.nii.gz")
    image = sitk.ReadImage(str(mask))
    np.testing.assert_allclose(image.GetOrigin(), small_chest.affine_lps[:3, 3])
    assert image.GetSize() == small_chest.hu.shape[::-1]
    labels = sitk.GetArrayFromImage(image)
    volume_mm3 = {int(row["finding_id"]): float(row["volume_mm3"]) for row in findings(tmp_path / "out")}
    assert np.count_nonzero(labels == 1) * 2.5**3 == pytest.approx(volume_mm3[1], abs=1e-3)


# One process imports torch once, then forks per moment. Every step of a run is made good by a rename: a moment is the
# rename before which the process is killed.
KILLED_RUNS = """
import os, signal, sys
from pathlib import Path
import monai.engines
from resmtnet.pipelines.cli import main

def count(rename):
    def counted(*arguments, **named):
        global left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return rename(*arguments, **named)
    return counted

source, bundle, *runs = sys.argv[1:]
for run in runs:
    output, nth, *more = run.split(",")
    child = os.fork()
    if child == 0:
        left = int(nth)
        os.rename, os.replace = count(os.rename), count(os.replace)
        quick = ["--bundle", bundle, "--min-probability=0", "--max-findings=4", "--quiet", "--debug"]
        main(["infer", source, output, *quick, *more])
        os._exit(0)
    if os.waitpid(child, 0)[1] != signal.SIGKILL:
        sys.exit(f"not killed: {run}")
"""


def killed_at(source: Path, bundle: Path, *runs: str) -> None:
    command = [sys.executable, "-c", KILLED_RUNS, str(source), str(bundle), *runs]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr


def test_a_run_killed_and_started_again_ends_like_an_undisturbed_one(tmp_path, small_bundle, write_nifti):
    source = tmp_path / "in"
    write_nifti(source / "0.nii")
    write_nifti(source / "1.nii", change=1)
    (source / "2.nii").write_bytes(b"rejected" * 100)
    assert run(source, tmp_path / "calm", small_bundle) == 3
    shutil.copytree(tmp_path / "calm", tmp_path / "again")
    # the renames: marker, rejection, first and second case, findings.csv, index.html, run.json, links.csv
    finished = {"marked": 0, "one-case": 2, "no-run-json": 3, "again": 1}
    moments = [f"{tmp_path / name},{nth}" for name, nth in zip(finished, (2, 4, 7), strict=False)]
    killed_at(source, small_bundle, *moments, f"{tmp_path / 'again'},3,--overwrite")  # two cases were put aside
    assert not (tmp_path / "no-run-json" / "run.json").exists()
    for name, n_cases in finished.items():
        before = marks(tmp_path / name)
        assert len(before) == n_cases
        assert run(source, tmp_path / name, small_bundle) == 3
        done = {path.parent.name for path in tmp_path.glob("calm/cases/*/preview.png")}
        assert {case: at for case, at in before.items() if case in done}.items() <= marks(tmp_path / name).items()
        assert contents(tmp_path / name) == contents(tmp_path / "calm")
        assert not list((tmp_path / name).rglob(".unfinished-*"))


def test_a_faulty_call_costs_no_results(tmp_path, small_bundle, write_nifti):
    source, output = tmp_path / "in", tmp_path / "out"
    write_nifti(source / "a.nii")
    run(source, output, small_bundle)
    before = {path: path.read_bytes() for path in output.rglob("*") if path.is_file()}
    os.mkfifo(tmp_path / "pipe")
    broken = tmp_path / "broken"
    shutil.copytree(small_bundle, broken)
    (broken / "models" / "model.pt").write_bytes(b"no weights")
    for error, path, bundle, device in (
        (UsageError, source, small_bundle, "cuda:99"),
        (InputPathError, tmp_path / "nowhere", small_bundle, "cpu"),
        (InputPathError, tmp_path / "pipe", small_bundle, "cpu"),
        (InputPathError, tmp_path / ("x" * 300), small_bundle, "cpu"),
        (OutputNotWritable, output, small_bundle, "cpu"),
        (OutputNotWritable, output / "cases", small_bundle, "cpu"),
        (Exception, source, broken, "cpu"),
    ):
        with pytest.raises(error):
            run(path, output, bundle, device=device, overwrite=True)
        assert {path: path.read_bytes() for path in output.rglob("*") if path.is_file()} == before


def test_a_rejected_scan_that_was_replaced_leaves_no_trace(tmp_path, small_bundle, write_nifti):
    source, output = tmp_path / "in", tmp_path / "out"
    write_nifti(source / "a.nii")
    (source / "b.nii").write_bytes(b"cut off" * 100)
    assert run(source, output, small_bundle) == 3
    write_nifti(source / "b.nii", change=1)
    assert run(source, output, small_bundle) == 0
    assert run(source, tmp_path / "calm", small_bundle) == 0
    assert contents(output) == contents(tmp_path / "calm")


def test_the_files_of_the_run_list_its_input_and_no_other(tmp_path, small_bundle, write_nifti):
    output = tmp_path / "out"
    write_nifti(tmp_path / "a" / "scan.nii")
    write_nifti(tmp_path / "b" / "scan.nii", change=1)
    run(tmp_path / "a", output, small_bundle)
    first = {path: path.read_bytes() for path in output.glob("cases/*/*")}
    run(tmp_path / "b", output, small_bundle)
    run(tmp_path / "b", tmp_path / "calm", small_bundle)
    assert (output / "findings.csv").read_bytes() == (tmp_path / "calm" / "findings.csv").read_bytes()
    assert without_times(output / "index.html") == without_times(tmp_path / "calm" / "index.html")
    assert json.loads((output / "run.json").read_bytes())["n_cases"] == 1
    assert all(path.read_bytes() == content for path, content in first.items())
    assert len(read_links(output / "private" / "links.csv")) == 2


def test_a_series_that_grew_is_done_again(tmp_path, small_bundle, small_chest):
    source, output = tmp_path / "in", tmp_path / "out"
    files = write_ct_series(source, small_chest.hu, small_chest.affine_lps)
    kept = {path: path.read_bytes() for path in files[30:]}
    for path in kept:
        path.unlink()
    run(source, output, small_bundle)
    for path, content in kept.items():
        path.write_bytes(content)
    run(source, output, small_bundle)
    (case,) = output.glob("cases/*/case.json")
    assert json.loads(case.read_bytes())["shape_ijk"][2] == len(files)


def test_a_bundle_without_weights_and_a_device_that_is_not_there(tmp_path, small_bundle, write_nifti):
    write_nifti(tmp_path / "in" / "a.nii")
    with pytest.raises(UsageError, match="cuda:99"):
        run(tmp_path / "in", tmp_path / "out", small_bundle, device="cuda:99")
    (tmp_path / "bare" / "configs").mkdir(parents=True)
    (tmp_path / "bare" / "configs" / "metadata.json").write_text("{}")
    with pytest.raises(UsageError, match="weights"):
        run(tmp_path / "in", tmp_path / "out", tmp_path / "bare")
