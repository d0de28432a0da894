"""``resmtnet train`` with the image bundles."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from PIL import Image

from resmtnet.pipelines.cli import main

SMALL = ["size=64", "n_folds=2", "batch_size=2", "epoch_length=2", "workers=0"]
LUNG, BREAST = "lung_ct_classification", "breast_ultrasound"


@pytest.fixture(autouse=True)
def same_logging() -> Iterator[None]:
    """The command takes the bundle's logging.conf; what it changes is put back."""
    handlers, level = logging.root.handlers[:], logging.root.level
    torch.set_num_threads(1)
    yield
    logging.root.handlers[:], logging.root.level = handlers, level


def train(folder: Path, output: Path, bundle: str, *more: str) -> int:
    settings = [word for value in SMALL for word in ("--set", value)]
    words = ["train", str(folder), "--output", str(output), "--bundle", bundle, "--device", "cpu", "--quiet"]
    return main([*words, *settings, *more])


@pytest.mark.parametrize("bundle", [LUNG, BREAST])
def test_a_run(images_dir, tmp_path, bundle):
    assert train(images_dir, tmp_path / "run", bundle, "--epochs", "2") == 0
    names = {path.relative_to(tmp_path / "run").as_posix() for path in (tmp_path / "run").rglob("*") if path.is_file()}
    assert names == {
        "models/checkpoint_1.pt",
        "models/checkpoint_2.pt",
        "models/model.pt",
        "models/model_last.pt",
        "train_curve.csv",
        "validation_curve.csv",
    }


def test_a_recipe_by_name_or_path(images_dir, tmp_path, capsys):
    assert train(images_dir, tmp_path / "a", BREAST, "--epochs", "1", "--recipe", "benign_malignant") == 0
    head = torch.load(tmp_path / "a" / "models" / "model.pt", weights_only=True)
    assert [value.shape[0] for key, value in head.items() if key.startswith("head.")][-1] == 2
    (tmp_path / "own.yaml").write_text("max_epochs: 1\n")
    assert train(images_dir, tmp_path / "b", LUNG, "--recipe", str(tmp_path / "own.yaml")) == 0
    assert [path.name for path in (tmp_path / "b" / "models").glob("checkpoint_*")] == ["checkpoint_1.pt"]
    assert train(images_dir, tmp_path / "c", LUNG, "--recipe", "papers") == 2
    assert "The bundle has: normal_pneumonia_tumour, paper_recipe." in capsys.readouterr().err


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"label": "cyst"}, "row 3: label 'cyst' is none of benign, malignant, normal"),
        ({"file": "gone.png"}, "row 3: there is no such image"),
        ({"file": "../faulty/1.png"}, "row 3: the image is outside the folder"),
    ],
)
def test_a_faulty_folder_is_told(faulty_dir, tmp_path, capsys, values, said):
    assert train(faulty_dir(1, **values), tmp_path / "run", LUNG) == 5
    assert said in capsys.readouterr().err


def test_a_folder_of_another_form(tmp_path, capsys):
    assert train(tmp_path, tmp_path / "run", LUNG) == 5
    assert "is no folder of the labelled_images form: images.csv not found there" in capsys.readouterr().err
    assert main(["train", str(tmp_path), "--output", str(tmp_path / "run")]) == 5
    assert "is no folder of the lidc_nodules form" in capsys.readouterr().err


def test_a_mask_of_another_size_is_told(write_images, tmp_path, capsys):
    write_images(tmp_path / "data")
    Image.new("L", (9, 9)).save(tmp_path / "data" / "3_mask.png")
    assert train(tmp_path / "data", tmp_path / "run", BREAST) == 5
    assert "row 5: the mask has 9 x 9 pixels, its image 56 x 40" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--backgrounds", "."], "has no backgrounds_dir: leave --backgrounds out"),
        (["--set", "fold=9"], "there is no fold 9"),
        (["--set", "imagenet_weights=gone.pth"], "There is no file gone.pth"),
        (["--set", "augmentation::gamma=-1"], "gamma must be from 0"),
        (["--set", "n_folds=50"], "from 2 to 6 folds"),
        (["--set", "positive=cyst"], "The training cannot be set up"),
    ],
)
def test_a_faulty_call_says_what_to_change(images_dir, tmp_path, capsys, more, said):
    assert train(images_dir, tmp_path / "run", LUNG, *more) == 2
    assert said in capsys.readouterr().err


def test_the_trial_is_for_nodules(capsys):
    assert main(["train", "--smoke", "--bundle", LUNG]) == 2
    assert "--smoke is for lung_nodule_ct" in capsys.readouterr().err
