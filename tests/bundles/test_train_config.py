import csv
import json
from pathlib import Path

import pytest
import torch
from monai.bundle import ConfigWorkflow

from resmtnet.networks import ResMTNet

SMALL = {"widths": [8, 8, 8, 8], "blocks": [1, 1, 1, 1], "width": 8, "fine_width": 8}
CONFIGS = Path(__file__).resolve().parents[2] / "bundles" / "lung_nodule_ct" / "configs"


def workflow(lidc_folder: Path, output: Path, *more: str) -> ConfigWorkflow:
    return ConfigWorkflow(
        config_file=[str(CONFIGS / name) for name in ("train.yaml", *more)],
        meta_file=str(CONFIGS / "metadata.json"),
        logging_file=False,
        workflow_type="train",
        bundle_root=str(CONFIGS.parent),
        dataset_dir=str(lidc_folder),
        output_dir=str(output),
        backgrounds_dir="",
        phantom_seeds=[4],
        validation_phantom_seeds=[4],
        train_subsets=[0, 1],
        validation_subsets=[1],
        validation_patches=2,
        patch_mm=32,
        batch_size=2,
        epoch_length=4,
        max_epochs=2,
        workers=0,
        network_def={"_target_": "resmtnet.networks.ResMTNet", "in_channels": 2, **SMALL},
    )


@pytest.fixture(scope="module")
def trained(lidc_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("runs")
    training = workflow(lidc_folder, output)
    training.initialize()
    assert training.check_properties() in (None, [])
    training.run()
    training.finalize()
    return output


def test_training_leaves_weights_that_load_and_the_curve_of_every_task(trained):
    weights = torch.load(trained / "models" / "model.pt", weights_only=True)
    ResMTNet(2, **SMALL).load_state_dict(weights)
    with (trained / "train_curve.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["epoch"] for row in rows] == ["1", "2"]
    assert {"heat", "box", "mask", "rating"} <= set(rows[0])
    assert all(float(row["mask"]) > 0 for row in rows)


def test_evaluation_writes_the_promised_figures(trained, lidc_folder):
    evaluation = workflow(lidc_folder, trained, "evaluate.yaml")
    evaluation.parser["checkpoint"] = str(trained / "models" / "model.pt")
    evaluation.initialize()
    evaluation.run()
    metrics = json.loads((trained / "metrics.json").read_text())
    promised = (
        "n_patients n_nodules malignancy_auc malignancy_auc_ci95 malignancy_auc_modal malignancy_auc_6_14mm "
        "dice_mean dice_ci95 diameter_mae_mm diameter_bias_mm ece"
    )
    assert set(promised.split()) <= set(metrics)
    assert metrics["n_patients"] == metrics["n_nodules"] == 4
    assert 0 <= metrics["dice_mean"] <= 1
