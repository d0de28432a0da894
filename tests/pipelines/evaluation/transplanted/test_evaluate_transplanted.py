from __future__ import annotations

import json
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from resmtnet.pipelines.cli import main
from resmtnet.pipelines.evaluation.detection.detection import Detection
from resmtnet.pipelines.evaluation.detection.scoring_error import ScoringError
from resmtnet.pipelines.evaluation.transplanted.background_scan import Unread
from resmtnet.pipelines.evaluation.transplanted.known_lesions import read_known_lesions
from resmtnet.pipelines.evaluation.transplanted.planted_copies import NO_PLACE, PlantedCopies
from resmtnet.pipelines.evaluation.transplanted.read_backgrounds import read_scans
from resmtnet.pipelines.evaluation.transplanted.transplanted_froc import transplanted_froc
from resmtnet.pipelines.training.lidc_nodules import read_lidc_nodules


def save(path: Path, hu: np.ndarray, affine_lps: np.ndarray) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    affine_ras = np.diag([-1.0, -1.0, 1.0, 1.0]) @ affine_lps
    nib.Nifti1Image(hu.transpose(2, 1, 0), affine_ras).to_filename(path)
    return path


@pytest.fixture
def scans(tmp_path, small_chest) -> Path:
    save(tmp_path / "scans" / "chest.nii", small_chest.hu, small_chest.affine_lps)
    return tmp_path / "scans"


@pytest.fixture
def lesions(tmp_path, small_chest) -> Path:
    x, y, z = small_chest.nodule_lps
    table = f"patient_id,seriesuid,coordX,coordY,coordZ,diameter_mm\nchest,1.2.3,{x},{y},{z},16\nnobody,1.2.4,,,,\n"
    (tmp_path / "lesions.csv").write_text(table)
    return tmp_path / "lesions.csv"


def bright_blobs(hu: np.ndarray, grid_lps: np.ndarray, case: str) -> tuple[Detection, ...]:
    """What stands out of lung, by formula: connected parts above -300 HU that lie wholly off the border."""
    from scipy import ndimage

    labels, _ = ndimage.label(hu > -300)
    sizes = np.bincount(labels.ravel())
    blobs = [n for n in range(1, len(sizes)) if 5 <= sizes[n] < 5000]
    centres = ndimage.center_of_mass(labels > 0, labels, blobs)
    return tuple(
        Detection(case, tuple(float(v) for v in (grid_lps @ [i, j, k, 1])[:3]), None, 0.5) for k, j, i in centres
    )


def test_planted_nodules_that_stand_out_are_found_and_the_rest_counts_against(scans, lesions, lidc_folder):
    records = list(read_lidc_nodules(lidc_folder, None))
    known = read_known_lesions(lesions)
    assert set(known) == {"1.2.3", "chest"}
    copies = PlantedCopies(read_scans("scans", [scans], known), records, copies=2, per_scan=2, seed=0)
    found = {}
    for scan in copies:
        case, affine = scan.plan.case_id, scan.volume.affine_lps
        found[case] = (*bright_blobs(scan.volume.hu, affine, case), Detection(case, (0.0, 0.0, 0.0), None, 0.6))
    truth = list(copies.truth.values())
    assert sorted(key for copy in truth for key in copy.keys) == sorted(r.key for r in records)  # each dealt once
    row = transplanted_froc(truth, found, draws=10).metrics["rows"]["scans"]
    assert (row["n_planted"], row["n_own_lesions"]) == (4, 2)
    assert row["sensitivity_of_all_candidates"] == 1.0
    assert row["non_nodules_per_scan_of_all_candidates"] == 1.0


def test_a_scan_that_cannot_be_used_is_told_of(scans, small_chest, lidc_folder):
    save(scans / "full.nii", np.full_like(small_chest.hu, 30) + np.arange(96, dtype=np.int16), small_chest.affine_lps)
    (scans / "broken.nii").write_bytes((scans / "chest.nii").read_bytes()[:-2000])
    records = list(read_lidc_nodules(lidc_folder, None))
    copies = PlantedCopies(read_scans("scans", [scans], {}), records, copies=1, per_scan=1)
    assert len(list(copies)) == 1
    assert all(isinstance(one, Unread) for one in copies.left_out)
    codes = [one.code for one in copies.left_out]
    assert len(codes) == 2
    assert sum(code.startswith("E_") for code in codes) + codes.count(NO_PLACE) == 2


def test_the_command(scans, lesions, lidc_folder, small_bundle, tmp_path, capsys):
    output = tmp_path / "out"
    more = ["--nodules", str(lidc_folder), "--subsets", "0", "--lesions", str(lesions), "--copies", "1"]
    more += ["--per-scan", "2", "--bundle", str(small_bundle), "--output", str(output)]
    assert main(["evaluate", "transplanted", str(scans), *more]) == 0
    assert "at most 2 per scan: probability" in capsys.readouterr().out
    metrics = json.loads((output / "metrics.json").read_bytes())
    assert metrics["n_targets"] == 3
    assert metrics["nodules"] == {"subsets": [0], "min_diameter_mm": 5.0, "n_nodules": 2, "n_patients": 2}
    assert metrics["left_out"] == {}
    assert (output / "froc.csv").is_file()
    assert (output / "froc.svg").is_file()
    assert not (output / "cases").exists()
    assert "chest" not in (output / "metrics.json").read_text().replace("analytic chests", "")


def test_faulty_calls(scans, lidc_folder, small_bundle, tmp_path, capsys):
    more = ["--output", str(tmp_path / "out"), "--bundle", str(small_bundle)]
    good = ["--nodules", str(lidc_folder), *more]
    assert main(["evaluate", "transplanted", *good]) == 2
    assert main(["evaluate", "transplanted", str(tmp_path / "none"), *good]) == 5
    assert main(["evaluate", "transplanted", str(scans), "--nodules", str(tmp_path), *more]) == 5
    assert main(["evaluate", "transplanted", str(scans), *good, "--min-diameter-mm", "11"]) == 4
    assert main(["evaluate", "transplanted", str(scans), *good, "--bundle", "no_such"]) == 2
    (tmp_path / "lesions.csv").write_text("seriesuid,coordX,coordY,coordZ,diameter_mm\na,1,2,x,3\n")
    with pytest.raises(ScoringError, match="line 2: coordinate z"):
        read_known_lesions(tmp_path / "lesions.csv")
