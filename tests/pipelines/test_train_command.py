from __future__ import annotations

import logging
from pathlib import Path

import pytest
import torch

from resmtnet.pipelines.cli import main

SMALL = [
    "train#dataset={_target_: made_patches.MadePatches}",
    "validate#dataset={_target_: made_patches.MadePatches}",
    "network_def={_target_: resmtnet.networks.ResMTNet, widths: [4, 8, 8, 8], blocks: [1, 1, 1, 1], width: 8, "
    "fine_width: 8}",
    "batch_size=2",
    "epoch_length=2",
    "val_interval=1",
    "validation_patches=2",
    "workers=0",
]


@pytest.fixture(autouse=True)
def same_logging():
    """The command takes the bundle's logging.conf; what it changes is put back."""
    handlers, level = logging.root.handlers[:], logging.root.level
    yield
    logging.root.handlers[:], logging.root.level = handlers, level


@pytest.fixture
def folder(tmp_path: Path, monkeypatch) -> Path:
    """Passes for a folder of the lidc_nodules form; the patches come from elsewhere."""
    monkeypatch.syspath_prepend(str(Path(__file__).parent / "training"))
    torch.set_num_threads(1)
    (tmp_path / "data").mkdir()
    for name in ("nodules.csv", "ratings.csv", "manifest.json"):
        (tmp_path / "data" / name).touch()
    return tmp_path / "data"


def train(folder: Path, output: Path, *more: str) -> int:
    settings = [word for value in SMALL for word in ("--set", value)]
    return main(["train", str(folder), "--output", str(output), "--device", "cpu", *settings, *more])


def test_a_run_and_its_continuation(folder, tmp_path, capsys):
    output = tmp_path / "run"
    assert train(folder, output, "--epochs", "2", "--quiet") == 0
    assert capsys.readouterr().out == ""
    assert {path.name for path in (output / "models").iterdir()} == {
        "checkpoint_1.pt",
        "checkpoint_2.pt",
        "model.pt",
        "model_last.pt",
    }
    assert train(folder, output, "--epochs", "2") == 2
    assert "--resume auto goes on with it, --overwrite starts anew" in capsys.readouterr().err
    assert train(folder, output, "--epochs", "3", "--resume") == 2
    assert "max_epochs: 2 there, 3 here" in capsys.readouterr().err
    assert train(folder, output, "--epochs", "2", "--resume", "auto") == 0
    assert "2 epochs, best in epoch" in capsys.readouterr().out
    (output / "models" / "model_last.pt").write_bytes(b"of the run before")
    quick = ["--epochs", "1", "--overwrite", "--quiet", "--set", "learning_rate=1e-3"]
    assert train(folder, output, *quick, "--set", "val_interval=2") == 0
    assert not (output / "models" / "model_last.pt").exists()
    assert train(folder, output, *quick) == 0
    assert [path.name for path in (output / "models").glob("checkpoint_*")] == ["checkpoint_1.pt"]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--set", "learning_rat=1"], "no learning_rat in the bundle's train.yaml"),
        (["--set", "kinds=3"], "kinds must be 1 or 2"),
        (["--resume"], "no checkpoint to go on from"),
        (["--resume", "gone.pt"], "no checkpoint gone.pt"),
        (["--set", "initial_weights=gone.pt"], "no file of weights gone.pt"),
        (["--set", "workers=two"], "The training cannot be set up"),
        (["--set", "batch_size=0"], "The training cannot be set up"),
        (["--bundle", "nothing"], "No such bundle"),
    ],
)
def test_a_faulty_call_says_what_to_change(folder, tmp_path, capsys, more, said):
    assert train(folder, tmp_path / "run", *more) == 2
    assert said in capsys.readouterr().err


def test_a_diverged_training_names_the_epoch(folder, tmp_path, capsys):
    faulty = "train#dataset={_target_: made_patches.MadePatches, faulty: $range(1000)}"
    assert train(folder, tmp_path / "run", "--epochs", "1", "--set", "epoch_length=25", "--set", faulty) == 1
    assert "epoch 1: 20 steps in a row" in capsys.readouterr().err


def test_a_folder_that_is_no_data_set(tmp_path, capsys):
    (tmp_path / "nodules.csv").touch()
    assert main(["train", str(tmp_path), "--output", str(tmp_path / "run")]) == 5
    assert "ratings.csv, manifest.json not found there" in capsys.readouterr().err


def test_backgrounds_that_are_none(folder, tmp_path, capsys):
    assert train(folder, tmp_path / "run", "--backgrounds", str(tmp_path)) == 5
    assert "no chest scan" in capsys.readouterr().err


def test_an_output_that_cannot_be_written(folder, tmp_path, capsys):
    (tmp_path / "file").touch()
    assert train(folder, tmp_path / "file") == 6
    assert "Choose a folder" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["train"], ["train", "somewhere", "--smoke"], ["train", "somewhere"]])
def test_what_to_give(words, capsys):
    assert main(words) == 2
    assert "Give " in capsys.readouterr().err


@pytest.mark.parametrize("more", [["--resume"], ["--epochs", "1"]])
def test_what_a_trial_cannot_do(more, capsys):
    assert main(["train", "--smoke", *more]) == 2
    assert "starts anew and needs two epochs" in capsys.readouterr().err


def test_smoke(tmp_path, capsys):
    """The whole way on made data, shortened: patches, training, validation, weights, evaluation."""
    torch.set_num_threads(1)
    short = ["patch_mm=48", "batch_size=4", "validation_patches=8"]
    settings = [word for value in short for word in ("--set", value)]
    assert main(["train", "--smoke", "--output", str(tmp_path), "--device", "cpu", *settings]) == 0
    said = capsys.readouterr().out
    assert "evaluated on 6 made nodules" in said
    assert said.count("loss") >= 4
    assert (tmp_path / "models" / "model.pt").is_file()
