"""The shipped configs on a dozen made images: what they write, and that a resumed run is as an undisturbed one."""

from __future__ import annotations

import csv

import pytest
import torch
from ignite.engine import Events
from monai.bundle import ConfigWorkflow


class Killed(Exception):
    pass


def kill(training: ConfigWorkflow, iteration: int) -> None:
    """Break off as a killed process would."""

    def stop(engine):
        raise Killed

    training.parser.get_parsed_content("train#trainer").add_event_handler(
        Events.ITERATION_COMPLETED(once=iteration), stop
    )
    with pytest.raises(RuntimeError) as caught:
        training.run()
    assert isinstance(caught.value.__cause__, Killed)


def states(training: ConfigWorkflow) -> dict[str, torch.Tensor]:
    part = training.parser.get_parsed_content
    return {f"{name}.{key}": v for name in ("model", "average") for key, v in part(name).state_dict().items()}


@pytest.mark.parametrize(
    ("bundle", "parts"),
    [("lung_ct_classification", {"positive", "others"}), ("breast_ultrasound", {"mask", "label"})],
)
def test_a_resumed_run_ends_as_an_undisturbed_one(image_training, tmp_path, bundle, parts):
    whole = image_training(bundle, tmp_path / "whole", max_epochs=3)
    whole.run()
    kill(image_training(bundle, tmp_path / "again", max_epochs=3), 5)  # within the second epoch
    torch.manual_seed(99)  # a new process has other random states
    resumed = image_training(bundle, tmp_path / "again", max_epochs=3, resume="true")
    resumed.run()
    found, expected = states(resumed), states(whole)
    assert found.keys() == expected.keys()
    assert all(torch.equal(found[key], expected[key]) for key in expected)
    for name in ("train_curve.csv", "validation_curve.csv"):
        assert (tmp_path / "again" / name).read_text() == (tmp_path / "whole" / name).read_text()
    with (tmp_path / "whole" / "train_curve.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["epoch"] for row in rows] == ["1", "2", "3"]
    assert parts | {"epoch"} == set(rows[0])
    stored = torch.load(tmp_path / "whole" / "models" / "model_last.pt", weights_only=True)
    assert all(torch.equal(stored[key], expected[f"average.{key}"]) for key in stored)


def test_two_classes_of_breast_ultrasound(image_training, tmp_path):
    training = image_training("breast_ultrasound", tmp_path, "benign_malignant.yaml", max_epochs=1)
    training.run()
    part = training.parser.get_parsed_content
    assert len(part("pictures").labels) == 8
    assert part("model")(torch.zeros(2, 3, 64, 64)).shape == (2, 3, 64, 64)
    assert part("loss").class_loss.positive == 1


def test_the_recipe_of_the_paper(image_training, tmp_path):
    training = image_training("lung_ct_classification", tmp_path, "paper_recipe.yaml", step_epochs=1, max_epochs=2)
    training.run()
    part = training.parser.get_parsed_content
    assert isinstance(part("optimizer"), torch.optim.SGD)
    assert part("optimizer").param_groups[0]["lr"] == pytest.approx(0.01 * 0.1**2)  # after two epochs
    evaluator = part("validate#evaluator")
    assert evaluator.state.key_metric_name == "val_accuracy"
    found, averaged = part("model").state_dict(), part("average").state_dict()
    assert all(torch.equal(found[key], averaged[key]) for key in found)
    logits = torch.randn(5, 3)
    label = torch.tensor([0, 1, 2, 2, 0])
    assert torch.allclose(part("loss")(logits, label), torch.nn.functional.cross_entropy(logits, label), atol=1e-6)


def test_training_on_all_images_validates_them_all(image_training, tmp_path):
    training = image_training("lung_ct_classification", tmp_path, fold=None, epoch_length=1, max_epochs=2)
    training.run()
    part = training.parser.get_parsed_content
    assert len(part("train#dataset")) == len(part("validate#dataset")) == 12


def test_an_epoch_is_as_long_as_there_are_images(image_training, tmp_path):
    training = image_training("lung_ct_classification", tmp_path, epoch_length="$max(1, len(@train#dataset) // 2)")
    assert training.parser.get_parsed_content("epoch_length") == 3  # 6 of the 12 are held out


def test_classes_of_your_own(image_training, write_images, tmp_path):
    write_images(tmp_path / "data")
    table = tmp_path / "data" / "images.csv"
    table.write_text(table.read_text().replace("benign", "pneumonia").replace("malignant", "tumour"))
    more = {"dataset_dir": str(tmp_path / "data"), "epoch_length": 1, "max_epochs": 2}
    training = image_training("lung_ct_classification", tmp_path / "run", "normal_pneumonia_tumour.yaml", **more)
    training.run()
    assert training.parser.get_parsed_content("pictures").classes == ("normal", "pneumonia", "tumour")


def test_weights_of_ours_and_of_imagenet_to_start_from(image_training, tmp_path):
    first = image_training("lung_ct_classification", tmp_path / "first").parser.get_parsed_content("model").state_dict()
    torch.save(first, tmp_path / "model.pt")
    features = {key: value for key, value in first.items() if key.startswith("features.")}
    torch.save(features, tmp_path / "imagenet.pt")
    for option, name in (("initial_weights", "model.pt"), ("imagenet_weights", "imagenet.pt")):
        started = image_training("lung_ct_classification", tmp_path / "run", seed=1, **{option: str(tmp_path / name)})
        found = started.parser.get_parsed_content("model").state_dict()
        same = {key for key in first if torch.equal(found[key], first[key])}
        assert {key for key in first if key.startswith("features.")} <= same
        assert ("head.1.weight" in same or same == set(first)) == (option == "initial_weights")
