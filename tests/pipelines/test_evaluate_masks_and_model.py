from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
import yaml

from resmtnet.pipelines.cli import main


def metrics_of(output: Path) -> dict:
    return json.loads((output / "metrics.json").read_bytes())


def save(path: Path, mask: np.ndarray, spacing: float = 1.0) -> None:
    path.parent.mkdir(exist_ok=True)
    nib.Nifti1Image(mask.astype(np.uint8), np.diag([spacing, spacing, spacing, 1.0])).to_filename(path)


def test_masks_by_hand(tmp_path, capsys):
    true, said = np.zeros((20, 20, 20)), np.zeros((20, 20, 20))
    true[5:13, 5:13, 5:13], said[7:15, 5:13, 5:13] = 1, 1
    for name, mask in (("truth", true), ("said", said)):
        save(tmp_path / name / "one.nii.gz", mask, 2.0)
        save(tmp_path / name / "same.nii.gz", true)
    save(tmp_path / "truth" / "missing.nii.gz", true)
    save(tmp_path / "said" / "more.nii.gz", true)
    output = tmp_path / "out"
    assert main(["evaluate", "masks", str(tmp_path / "said"), str(tmp_path / "truth"), "--output", str(output)]) == 3
    found = metrics_of(output)
    assert (found["n_cases"], found["n_faulty"], found["n_predicted_without_truth"]) == (2, 1, 1)
    assert found["dice_mean"] == pytest.approx((0.75 + 1) / 2)
    assert found["hausdorff95_mm_mean"] == pytest.approx((4 + 0) / 2)
    assert found["volume_bias_mm3"] == 0
    with (output / "cases.csv").open() as stream:
        rows = {row["case"]: row for row in csv.DictReader(stream)}
    assert float(rows["one"]["volume_mm3"]) == 512 * 8
    assert "dice_mean" in capsys.readouterr().out


def test_masks_on_different_grids_or_of_different_kinds_are_refused(tmp_path, capsys):
    save(tmp_path / "a" / "m.nii.gz", np.ones((4, 4, 4)))
    save(tmp_path / "b" / "m.nii.gz", np.ones((4, 4, 4)), 2.0)
    output = ["--output", str(tmp_path / "out")]
    assert main(["evaluate", "masks", str(tmp_path / "a"), str(tmp_path / "b"), *output]) == 4
    assert "not on one grid" in capsys.readouterr().err
    assert main(["evaluate", "masks", str(tmp_path / "a"), str(tmp_path / "b" / "m.nii.gz"), *output]) == 5


SMALL = {"widths": [8, 8, 8, 8], "blocks": [1, 1, 1, 1], "width": 8, "fine_width": 8}


def test_a_model_as_monai_bundle_run_would(tmp_path, small_bundle, lidc_folder, capsys):
    bundle = tmp_path / "bundle"
    shutil.copytree(small_bundle, bundle)
    config = yaml.safe_load((bundle / "configs" / "train.yaml").read_text())
    config["network_def"] |= SMALL
    (bundle / "configs" / "train.yaml").write_text(yaml.safe_dump(config))
    output = tmp_path / "out"
    more = ["--bundle", str(bundle), "--output", str(output), "--subsets", "1", "--json"]
    assert main(["evaluate", "model", str(lidc_folder), *more]) == 0
    found = metrics_of(output)
    assert json.loads(capsys.readouterr().out) == found
    assert found["n_nodules"] == 2
    assert 0 <= found["dice_mean"] <= 1

    (tmp_path / "junk.pt").write_bytes(b"junk")
    for name, words in (("gone.pt", "no file of weights gone.pt"), ("junk.pt", "does not hold weights of this")):
        assert main(["evaluate", "model", str(lidc_folder), *more, "--weights", str(tmp_path / name)]) == 2
        assert words in capsys.readouterr().err


def test_a_model_needs_its_data_and_its_bundle(tmp_path, lidc_folder, capsys):
    output = ["--output", str(tmp_path / "out")]
    assert main(["evaluate", "model", str(tmp_path), *output]) == 5
    assert main(["evaluate", "model", str(lidc_folder), *output, "--bundle", "no_such"]) == 2
    assert main(["evaluate", "model", str(lidc_folder), *output, "--subsets", "1", "9"]) == 2
    assert "no nodule of subset 9; it has 0, 1" in capsys.readouterr().err
    assert main(["evaluate", "model", str(tmp_path / "gone"), *output]) == 5
