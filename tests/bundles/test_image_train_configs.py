"""What the training configs of the image bundles must have in common with the others and with inference."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
import yaml
from monai.bundle import ConfigParser

BUNDLES = Path(__file__).resolve().parents[2] / "bundles"
IMAGE_BUNDLES = ["lung_ct_classification", "breast_ultrasound"]
SHARED_IDS = set(
    """bundle_root dataset_dir output_dir ckpt_dir device seed max_epochs initial_weights epoch_length batch_size
    accumulation workers val_interval learning_rate warmup_share ema_decay max_norm precision patience
    checkpoint_interval resume tensorboard mlflow_dir network_def model network average loss criterion optimizer
    lr_scheduler train validate initialize run""".split()  # noqa: SIM905 - a list of 34 strings takes a page
)
RECIPES = [
    ("lung_ct_classification", "paper_recipe"),
    ("lung_ct_classification", "normal_pneumonia_tumour"),
    ("breast_ultrasound", "benign_malignant"),
]


def plain(bundle: str, name: str) -> dict:
    return yaml.safe_load((BUNDLES / bundle / "configs" / f"{name}.yaml").read_text())


def parser(bundle: str, *names: str) -> ConfigParser:
    made = ConfigParser()
    made.read_config([str(BUNDLES / bundle / "configs" / name) for name in names])
    return made


def test_the_recipes_here_are_all_there_are():
    found = {
        (bundle, path.stem)
        for bundle in IMAGE_BUNDLES
        for path in (BUNDLES / bundle / "configs").rglob("*.yaml")
        if not path.stem.endswith(("train", "evaluate"))
    }
    assert found == set(RECIPES)


@pytest.mark.parametrize("bundle", IMAGE_BUNDLES)
def test_the_ids_of_the_lung_bundle_and_those_of_images(bundle):
    config = plain(bundle, "train")
    assert set(plain("lung_nodule_ct", "train")) >= SHARED_IDS
    assert set(config) >= SHARED_IDS
    assert {"classes", "positive", "size", "fold", "n_folds", "fold_seed"} <= set(config)
    assert config["dataset_form"] == "labelled_images"
    assert "backgrounds_dir" not in config


@pytest.mark.parametrize("bundle", IMAGE_BUNDLES)
def test_training_and_inference_prepare_an_image_alike(bundle):
    train, infer = parser(bundle, "train.yaml"), parser(bundle, "inference.json")
    image = {"image": torch.rand(1, 150, 211)}
    squared, channels = (train.get_parsed_content(name) for name in ("squared", "channels"))
    expected = infer.get_parsed_content("preprocessing")(image)["image"]
    assert torch.equal(channels(squared(image))["image"], expected)
    assert expected.shape == (3, train["size"], train["size"])


@pytest.mark.parametrize("bundle", IMAGE_BUNDLES)
def test_training_and_inference_have_the_same_network_and_classes(bundle):
    train, infer = parser(bundle, "train.yaml"), parser(bundle, "inference.json")
    shapes = [
        {key: value.shape for key, value in config.get_parsed_content("network_def").state_dict().items()}
        for config in (train, infer)
    ]
    assert shapes[0] == shapes[1]
    assert (train["classes"], train["positive"]) == (infer["classes"], infer["positive"])


@pytest.mark.parametrize(("bundle", "recipe"), [*RECIPES, *((b, "multi_gpu_train") for b in IMAGE_BUNDLES)])
def test_what_a_recipe_sets_is_there_to_be_set(bundle, recipe):
    config, text = plain(bundle, "train"), (BUNDLES / bundle / "configs" / f"{recipe}.yaml").read_text()
    for key in plain(bundle, recipe):
        first, _, rest = key.partition("#")
        if first == "finalize" or text.count(f"@{key}") > 0:  # its own, and used there
            continue
        assert first in config
        assert not rest or rest in config[first]


@pytest.mark.parametrize(("bundle", "recipe"), RECIPES)
def test_a_recipe_builds_its_loss_and_network(bundle, recipe):
    merged = parser(bundle, "train.yaml", f"{recipe}.yaml")
    n = len(merged["classes"])
    network = merged.get_parsed_content("network_def").eval()
    with torch.no_grad():
        found = network(torch.zeros(1, 3, 64, 64))
    assert found.shape[1] == (n if bundle == "lung_ct_classification" else n + 1)
    assert merged["classes"][merged.get_parsed_content("loss#positive")] == merged["positive"]
