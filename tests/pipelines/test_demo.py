from __future__ import annotations

import csv
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pydicom
import pytest

from resmtnet.pipelines import demo
from resmtnet.pipelines.demo import run_demo
from resmtnet.pipelines.phantom.chest import chest_phantom
from resmtnet.pipelines.phantom.nodule import PhantomNodule
from resmtnet.pipelines.records import Origin
from resmtnet.pipelines.results.findings_csv import COLUMNS
from resmtnet.pipelines.results.links_csv import write_links

SPACING_MM = (4.0, 4.0, 6.0)  # the voxels are not looked at here
Change = Callable[[PhantomNodule], tuple[np.ndarray, float]]


@pytest.fixture(autouse=True)
def _coarse(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "SPACING_MM", SPACING_MM)


@cache
def true_nodules() -> tuple[PhantomNodule, ...]:
    return chest_phantom(seed=demo.SEED, spacing_mm=SPACING_MM).nodules


def pretend(change: Change, *, leave_out: int = 0) -> demo.Infer:
    """Stand in for the network: report the true nodules of the phantom, changed, and one finding more."""

    def infer(scan: Path, output: Path, **options: object) -> int:
        uid = str(pydicom.dcmread(next(scan.iterdir())).SeriesInstanceUID)
        write_links(output, {"mine": Origin("scan", uid), "other": Origin("other", "1.2.3")})
        truth = true_nodules()[leave_out:]
        rows = [("mine", *change(nodule)) for nodule in truth]
        rows += [("mine", np.array([0.0, 0.0, 500.0]), 5.0), ("other", *change(truth[0]))]
        with (output / "findings.csv").open("w", newline="") as stream:
            writer = csv.DictWriter(stream, COLUMNS, restval="0")
            writer.writeheader()
            for case_id, (x, y, z), diameter in rows:
                writer.writerow({"case_id": case_id, "x_mm": x, "y_mm": y, "z_mm": z, "diameter_3d_mm": diameter})
        return 0

    return infer


def test_all_found_well(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    infer = pretend(lambda n: (np.add(n.centre_lps_mm, (1.0, 1.0, 1.0)), 1.15 * n.diameter_mm))
    assert run_demo(tmp_path, infer=infer) == 0
    text = capsys.readouterr().out
    assert text.count("+15.0%") == 5
    assert text.count("  1.73  ") == 5
    assert "Other findings: 1" in text
    assert "index.html" in text


@pytest.mark.parametrize(
    ("infer", "says"),
    [
        (pretend(lambda n: (np.add(n.centre_lps_mm, (0, 0, 2.1)), n.diameter_mm)), "0 missed, 5 not within 2 mm"),
        (pretend(lambda n: (np.array(n.centre_lps_mm), 0.75 * n.diameter_mm)), "0 missed, 5 not within 2 mm"),
        (pretend(lambda n: (np.array(n.centre_lps_mm), n.diameter_mm), leave_out=1), "1 missed, 0 not within 2 mm"),
    ],
)
def test_what_is_not_good_enough_is_said(
    infer: demo.Infer, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_demo(tmp_path, infer=infer) == 1
    assert says in capsys.readouterr().out


def test_failed_run_gives_its_exit_code(tmp_path: Path) -> None:
    assert run_demo(tmp_path, infer=lambda *_, **__: 4) == 4


def test_scan_is_a_plain_series_without_the_truth(tmp_path: Path) -> None:
    seen: dict[str, object] = {}

    def look(scan: Path, output: Path, **options: object) -> int:
        files = sorted(scan.iterdir())
        seen.update(n=len(files), options=options, modality={pydicom.dcmread(f).Modality for f in files})
        return 4

    run_demo(tmp_path, device="cpu", overwrite=True, infer=look)
    assert seen["n"] == 50
    assert seen["modality"] == {"CT"}
    assert seen["options"] == {"bundle": "lung_nodule_ct", "device": "cpu", "overwrite": True}
    assert sorted(p.name for p in tmp_path.iterdir()) == [".resmtnet", "cases", "scan"]
