"""The cards and metadata of the bundles that fill_cards.py writes say what was measured, and it writes that rightly."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "tests" / "benchmarks" / "fill_cards.py"
IMAGES, FUSION = ("lung_ct_classification", "breast_ultrasound"), "lung_nodule_fusion"
BUNDLES = (*IMAGES, FUSION)

every_bundle = pytest.mark.parametrize("name", BUNDLES)


def fill(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(SCRIPT), "--root", str(root), *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def metadata_of(root: Path, name: str) -> dict:
    return json.loads((root / "bundles" / name / "configs" / "metadata.json").read_text())["eval_metrics"]


def card_of(root: Path, name: str) -> str:
    return (root / "bundles" / name / "docs" / "README.md").read_text()


def test_everything_is_up_to_date():
    done = fill(ROOT, "--check")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", ""), "run tests/benchmarks/fill_cards.py"


@every_bundle
def test_the_noted_weights_are_the_shipped_ones(name):
    weights, noted = (ROOT / "bundles" / name / path for path in ("models/model.pt", "docs/figures/weights.json"))
    assert weights.exists() == noted.exists()
    if weights.exists():
        assert json.loads(noted.read_text())["sha256"] == hashlib.sha256(weights.read_bytes()).hexdigest()


@every_bundle
def test_the_metadata_says_what_was_measured(name):
    file = ROOT / "bundles" / name / "docs" / "figures" / "cross_validation.json"
    told = metadata_of(ROOT, name)
    if not file.exists():
        assert told == {"data": "not measured yet"}
        return
    measured = json.loads(file.read_text())
    told.pop("data")
    assert {"accuracy", "macro_f1", "auc"} <= set(told)
    for key, value in told.items():
        assert value == pytest.approx(measured[key], abs=0.00051), key


@every_bundle
def test_the_card_tells_whose_numbers_it_holds_and_what_it_is_not(name):
    card, config = card_of(ROOT, name), yaml.safe_load((ROOT / "bundles" / name / "configs/train.yaml").read_text())
    assert "Research use only; not a medical device." in card
    for key in ("max_epochs", "learning_rate", "seed", "batch_size"):
        assert f"| `{key}` | {config[key]} |" in card
    if name in IMAGES:
        floor = json.loads((ROOT / "bundles" / name / "docs" / "figures" / "texture.json").read_text())
        low, high = floor["accuracy_ci95"]
        assert f"accuracy {floor['accuracy']:.3f} ({low:.3f} to {high:.3f})" in card


def test_the_card_tells_how_a_mask_is_cut():
    configs, card = ROOT / "bundles" / "breast_ultrasound" / "configs", card_of(ROOT, "breast_ultrasound")
    inference, evaluation = (yaml.safe_load((configs / f).read_text()) for f in ("inference.json", "evaluate.yaml"))
    for key in ("mask_probability", "surest_share", "empty_above"):
        assert f"`{key}` ({inference[key]})" in card
        assert inference[key] == evaluation[key]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The cards as they are, without a figure."""
    shutil.copy(ROOT / "README.md", tmp_path)
    for name in BUNDLES:
        bundle = tmp_path / "bundles" / name
        shutil.copytree(ROOT / "bundles" / name / "configs", bundle / "configs")
        (bundle / "docs" / "figures").mkdir(parents=True)
        shutil.copy(ROOT / "bundles" / name / "docs" / "README.md", bundle / "docs")
    assert fill(tmp_path).returncode == 0
    return tmp_path


def write(root: Path, name: str, file: str, content: dict) -> None:
    (root / "bundles" / name / "docs" / "figures" / file).write_text(json.dumps(content))


IMAGE_FIGURES = {
    **{"n_images": 4, "n_groups": 3, "n_with_lesion": 2, "classes": ["normal", "malignant"], "split": "2 of 5 folds"},
    **{"accuracy": 0.75, "accuracy_ci95": [0.5, 1.0], "macro_f1": 2 / 3, "macro_f1_ci95": [0.5004, 0.9996]},
    **{"auc": 0.8, "auc_ci95": None, "auc_against_lesions": None, "auc_against_lesions_ci95": None},
    **{"dice_mean": 0.71249, "dice_ci95": [0.6, 0.8]},
    "per_class": {
        "normal": {"n_images": 1, "precision": 0.5, "precision_ci95": [0.1, 0.9], "recall": 1.0, "f1": None},
        "malignant": {"n_images": 3, "precision": 1.0, "recall": 0.25, "f1": 0.4},
    },
    "confusion": [[1, 0], [2, 1]],
}


def test_image_figures_stand_in_card_metadata_and_readme(copy):
    write(copy, "breast_ultrasound", "cross_validation.json", IMAGE_FIGURES)
    write(copy, "breast_ultrasound", "nearest_neighbour.json", {"accuracy": 0.5, "accuracy_ci95": [0.25, 0.75]})
    write(copy, "breast_ultrasound", "metrics.json", IMAGE_FIGURES | {"folds": [0]})
    gain = {
        "accuracy_gain": 0.25,
        "accuracy_gain_ci95": [0.1, 0.4],
        "macro_f1_gain": 0.1,
        "macro_f1_gain_ci95": [0, 0.2],
    }
    write(copy, "breast_ultrasound", "gain_nearest_neighbour.json", gain)
    assert fill(copy).returncode == 0
    card = card_of(copy, "breast_ultrasound")
    for line in (
        "| accuracy | 0.750 | 0.500 to 1.000 | 0.500 (0.250 to 0.750) |",
        "| macro F1 | 0.667 | 0.500 to 1.000 |  |",
        "| malignant against rest: AUC | 0.800 | - |  |",
        "| malignant against benign: AUC | - | - |  |",
        "| Dice, mean over the images with a lesion, missed ones included | 0.712 | 0.600 to 0.800 |  |",
        "| accuracy: network minus nearest neighbour | 0.250 | 0.100 to 0.400 |",
        "| normal | 1 | 0.500 (0.100 to 0.900) | 1.000 (-) |  |",
        "| malignant | 2 | 1 |",
        "Fold 0, 4 images of 3 groups: accuracy 0.750 (0.500 to 1.000); macro F1 0.667 (0.500 to 1.000); malignant",
        "4 images of 3 groups, 2 with a lesion; 2 of 5 folds; intervals by group.",
    ):
        assert line in card
    told = metadata_of(copy, "breast_ultrasound")
    assert told["data"] == "BUSI: 4 images of 3 groups, 2 of 5 folds"
    assert told["macro_f1"] == 0.667
    assert told["macro_f1_ci95"] == [0.5, 1.0]
    assert told["dice_mean_ci95"] == [0.6, 0.8]
    assert not {"auc_ci95", "auc_against_lesions"} & set(told)
    assert "accuracy 0.750 (0.500 to 1.000); macro F1 0.667 (0.500 to 1.000)" in (copy / "README.md").read_text()
    assert metadata_of(copy, "lung_ct_classification") == {"data": "not measured yet"}


FUSION_FIGURES = {
    **{"n_nodules": 5, "n_patients": 4, "n_places_without_nodule": 3, "luna16_subsets": [7]},
    "n_by_rule": {rule: {"malignant": 1, "benign": 2} for rule in ("mean", "modal", "6_14mm")},
    **{"malignancy_auc": 0.9, "malignancy_auc_ci95": [0.8, 1.0], "malignancy_auc_gain": -0.05},
    **{"malignancy_auc_diameter_only": 0.95, "malignancy_auc_diameter_only_ci95": [0.9, 1.0]},
    **{"accuracy": 0.5, "macro_f1": 0.5, "auc": 0.9, "location_error_mm": 1.234, "location_error_mm_ci95": [1, 1.5]},
}


def test_fusion_figures_stand_beside_the_diameter_alone(copy):
    write(copy, FUSION, "metrics.json", FUSION_FIGURES)
    assert fill(copy).returncode == 0
    card, told = card_of(copy, FUSION), metadata_of(copy, FUSION)
    assert "| 0.900 | 0.800 to 1.000 | 0.950 (0.900 to 1.000) | -0.050 (-) |" in card
    assert "| 1.23 mm | 1.00 to 1.50 |  |  |" in card
    assert "5 nodules of 4 patients (1 and 2 by the first rule" in card
    assert card.count("Not measured yet.") == 1  # the cross-validation
    assert told["malignancy_auc_ci95"] == [0.8, 1.0]
    assert "subset 7 (validation): 5 nodules of 4 patients" in told["data"]
    write(copy, FUSION, "cross_validation.json", FUSION_FIGURES | {"malignancy_auc": 0.85})
    assert fill(copy).returncode == 0
    told = metadata_of(copy, FUSION)
    assert told["malignancy_auc"] == 0.85
    assert "5 nodules of 4 patients, four folds" in told["data"]
    assert "| 0.900 |" in card_of(copy, FUSION)  # the shipped weights keep their table
    assert "0.850 (0.800 to 1.000)" in (copy / "README.md").read_text()


def test_weights_speed_and_curve_come_and_go(copy):
    bundle = copy / "bundles" / "breast_ultrasound"
    (bundle / "models").mkdir()
    (bundle / "models" / "model.pt").write_bytes(b"abc")
    speed = {"seconds_per_image": 0.01234, "mirrors": 2, "mflop_per_look": 386.8, "parameters": 2611556}
    write(copy, bundle.name, "speed.json", speed | {"weights_mb": 5.25})
    rates = ",".join(f"{r}{end}" for r in ("sensitivity", "specificity") for end in ("", "_low", "_high"))
    text = f"q,{rates},sensitivity_theory,specificity_theory\n0.5,.8,.7,.9,.6,.5,.75,.81,.62\n"
    (bundle / "docs" / "figures" / "sensitivity_curve.csv").write_text(text)
    assert fill(copy).returncode == 0
    card = card_of(copy, bundle.name)
    digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  # of abc: FIPS 180-2, appendix B.1
    assert json.loads((bundle / "docs" / "figures" / "weights.json").read_text())["sha256"] == digest
    assert digest in card
    assert "0.012 s per image on one core (2 mirror images" in card
    assert "| 0.5 | 0.800 (0.700 to 0.900) | 0.810 | 0.600 (0.500 to 0.750) | 0.620 |" in card
    (bundle / "models" / "model.pt").unlink()
    assert fill(copy).returncode == 0
    assert not (bundle / "docs" / "figures" / "weights.json").exists()
    assert "No weights are shipped yet." in card_of(copy, bundle.name)


def test_a_check_names_what_is_stale_and_writes_nothing(copy):
    assert fill(copy, "--check").returncode == 0
    write(copy, FUSION, "metrics.json", FUSION_FIGURES)
    before = card_of(copy, FUSION)
    done = fill(copy, "--check")
    assert done.returncode == 1
    assert f"bundles/{FUSION}/docs/README.md" in done.stdout.splitlines()
    assert card_of(copy, FUSION) == before


def test_a_card_that_lost_its_marks_is_refused(copy):
    card = copy / "bundles" / FUSION / "docs" / "README.md"
    card.write_text(card.read_text().replace("<!-- figures: end -->", ""))
    done = fill(copy)
    assert done.returncode == 1
    assert "figures: begin" in done.stderr
