from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import resmtnet
from resmtnet.pipelines.cli import main
from resmtnet.pipelines.commands.bundles import _read, _told

SHIPPED = Path(resmtnet.__file__).parent / "bundles"
NAMES = ["breast_ultrasound", "lung_ct_classification", "lung_nodule_ct", "lung_nodule_fusion"]


@pytest.fixture
def listed(capsys) -> list[dict]:
    assert main(["bundles", "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_every_bundle_is_listed_with_what_its_files_say(listed):
    assert [bundle["bundle"] for bundle in listed] == NAMES
    for bundle in listed:
        said = json.loads((SHIPPED / bundle["bundle"] / "configs" / "metadata.json").read_text())
        assert (bundle["name"], bundle["version"], bundle["task"]) == (said["name"], said["version"], said["task"])
        assert bundle["input"]["data_type"] == said["data_type"]
        assert {name: figure["value"] for name, figure in bundle["metrics"].items()} == {
            name: value for name, value in said["eval_metrics"].items() if isinstance(value, float)
        }


def test_every_bundle_ships_weights_and_figures_with_intervals(listed):
    for bundle in listed:
        file = SHIPPED / bundle["bundle"] / bundle["weights"]["file"]
        assert bundle["weights"]["mb"] == pytest.approx(file.stat().st_size / 1e6, abs=0.01)
        assert bundle["weights"]["parameters"] > 0
        assert bundle["metrics"], bundle["bundle"]
        for name, figure in bundle["metrics"].items():
            low, high = figure["ci95"]
            assert low <= figure["value"] <= high, name


def test_the_text_names_every_bundle_and_says_what_it_is_not(capsys):
    assert main(["bundles"]) == 0
    text = capsys.readouterr().out
    assert [line.split(":")[0] for line in text.splitlines() if line and line[0] in "bl"] == NAMES
    assert text.rstrip().endswith("Research use only; not medical devices.")


def made(folder: Path, figures: dict[str, object], n_bytes: int | None = None) -> dict:
    tensor = {"type": "image", "modality": "MR", "num_channels": 1}
    said = {
        "name": "Livers",
        "version": "1.2.0",
        "task": "Segmentation of livers",
        "data_type": "DICOM",
        "image_classes": "one channel",
        "eval_metrics": figures,
        "parameters": 1234567,
        "network_data_format": {"inputs": {"image": tensor, "latent": "no tensor"}, "outputs": {}},
    }
    (folder / "liver" / "configs").mkdir(parents=True)
    (folder / "liver" / "configs" / "metadata.json").write_text(json.dumps(said))
    if n_bytes is not None:
        (folder / "liver" / "models").mkdir()
        (folder / "liver" / "models" / "model.pt").write_bytes(bytes(n_bytes))
    (bundle,) = _read(folder)
    return bundle


def test_figures_come_with_their_intervals_and_weights_with_their_size(tmp_path):
    figures = {"data": "20 livers", "dice_mean": 0.91234, "dice_ci95": [0.89, 0.93], "auc": 0.5, "n_images": 20}
    assert _told(made(tmp_path, figures, 3_210_000)).splitlines() == [
        "liver: Livers, version 1.2.0",
        "  task     Segmentation of livers",
        "  input    MR; DICOM; one channel",
        "  measured 20 livers",
        "           dice_mean 0.912 (0.890 to 0.930)",
        "           auc 0.500",
        "           n_images 20",
        "  weights  models/model.pt, 3.2 MB, 1,234,567 parameters",
    ]


def test_a_bundle_without_weights_or_figures_says_so(tmp_path):
    bundle = made(tmp_path, {})
    assert bundle["weights"] is None
    assert _told(bundle).splitlines()[-2:] == ["  measured nothing yet", "  weights  none"]


CODE = """
import sys
from resmtnet.pipelines.cli import main
main(["bundles", "--json"])
print([name for name in ("torch", "monai", "numpy") if name in sys.modules], file=sys.stderr)
"""


def test_nothing_heavy_is_imported():
    child = subprocess.run([sys.executable, "-c", CODE], capture_output=True, check=True, text=True, timeout=300)
    assert child.stderr.strip() == "[]"
