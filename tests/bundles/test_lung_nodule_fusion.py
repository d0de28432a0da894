"""The configs of the fusion bundle agree with each other and run, by MONAI and by the command."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
import torch
import yaml
from monai.bundle import ConfigWorkflow

import resmtnet.bundles
from resmtnet.networks import ResMTNetFusion
from resmtnet.pipelines.evaluation.fusion.fusion_places import FusionPlaces
from resmtnet.pipelines.evaluation.run_evaluation import run_evaluation
from resmtnet.pipelines.inference.fusion.fusion_look import FusionLook
from resmtnet.transforms.planes_view import PlanesView

CONFIGS = Path(resmtnet.bundles.__file__).parent / "lung_nodule_fusion" / "configs"


def config(name: str) -> dict:
    return yaml.safe_load((CONFIGS / name).read_text())  # JSON is YAML, too


def test_training_evaluation_and_inference_look_alike():
    train, evaluate, inference = config("train.yaml"), config("evaluate.yaml"), config("inference.json")
    assert train["view"] == inference["view"]
    assert evaluate["look"] == inference["look"]
    assert evaluate["calibration"] == inference["calibration"]
    assert train["network_def"] == inference["network_def"]


def test_the_paper_scale_names_the_two_large_backbones_and_only_known_ids():
    large, train = config("paper_scale.yaml"), config("train.yaml")
    assert large["network_def::densenet"] == "densenet161"
    assert large["network_def::efficientnet"] == "efficientnet-b7"
    assert {name.split("::")[0] for name in large} <= set(train)


def test_inference_has_the_properties_that_monai_asks_for():
    workflow = ConfigWorkflow(
        config_file=str(CONFIGS / "inference.json"),
        meta_file=str(CONFIGS / "metadata.json"),
        logging_file=False,
        workflow_type="infer",
        device="$torch.device('cpu')",
    )
    workflow.initialize()
    assert workflow.check_properties() in (None, [])


@pytest.fixture(scope="module")
def trained(lidc_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("fusion")
    torch.set_num_threads(1)
    training = ConfigWorkflow(
        config_file=str(CONFIGS / "train.yaml"),
        meta_file=str(CONFIGS / "metadata.json"),
        logging_file=False,
        workflow_type="train",
        bundle_root=str(CONFIGS.parent),
        dataset_dir=str(lidc_folder),
        backgrounds_dir="",
        output_dir=str(output),
        phantom_seeds=[],
        validation_phantom_seeds=[],
        train_subsets=[0, 1],
        validation_subsets=[1],
        validation_patches=2,
        batch_size=2,
        epoch_length=2,
        max_epochs=1,
        val_interval=1,
        workers=0,
        precision="float32",
        device="$torch.device('cpu')",
    )
    training.initialize()
    assert training.check_properties() in (None, [])
    training.run()
    training.finalize()
    return output


def test_training_leaves_weights_that_load_and_the_curve_of_every_task(trained):
    weights = torch.load(trained / "models" / "model.pt", weights_only=True)
    ResMTNetFusion().load_state_dict(weights)
    with (trained / "train_curve.csv").open() as file:
        (row,) = csv.DictReader(file)
    assert {"presence", "location", "size", "malignancy"} <= set(row)
    assert float(row["presence"]) > 0


def test_evaluation_writes_the_promised_figures(trained, lidc_folder, tmp_path):
    weights = trained / "models" / "model_last.pt"
    metrics = run_evaluation(CONFIGS.parent, lidc_folder, tmp_path, subsets=[0, 1], weights=weights)
    for name in ("accuracy", "macro_f1", "auc", "presence_auc", "diameter_mae_mm", "location_error_mm"):
        assert metrics[name] is not None, name
        assert f"{name}_ci95" in metrics
    assert {"malignancy_auc", "malignancy_auc_gain", "ece_cross_calibrated", "subgroups"} <= set(metrics)
    assert metrics["n_nodules"] == 4
    outcomes = json.loads((tmp_path / "outcomes.json").read_text())["outcomes"]
    assert all(o["dice"] is None for o in outcomes)
    assert (tmp_path / "places.csv").is_file()
    first = FusionPlaces(lidc_folder, FusionLook(PlanesView(), mirrors=4), subsets=[0, 1])
    network = ResMTNetFusion().eval()
    network.load_state_dict(torch.load(weights, weights_only=True))
    with torch.no_grad():
        said = first.look.read(network(first[0]["image"]))
    scored = next(o for o in outcomes if o["key"] == first.records[0].key)
    assert scored["probability"] == pytest.approx(said.presence, abs=1e-5)  # in float32, as inference computes
    assert scored["predicted_diameter_mm"] == pytest.approx(said.diameter_mm, rel=1e-5)
