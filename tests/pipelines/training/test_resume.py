from __future__ import annotations

import csv

import pytest
import torch
from ignite.engine import Events

from resmtnet.pipelines.training.checkpoint_error import CheckpointError
from resmtnet.pipelines.training.checkpoint_file import checkpoint_files


class Killed(Exception):
    pass


def kill(training, iteration: int) -> None:
    """Run, and break off after an iteration as a killed process would: no handler of the end of the run is called."""

    def stop(engine):
        raise Killed

    trainer = training.parser.get_parsed_content("train#trainer")
    trainer.add_event_handler(Events.ITERATION_COMPLETED(once=iteration), stop)
    with pytest.raises(RuntimeError) as caught:
        training.run()
    assert isinstance(caught.value.__cause__, Killed)


def everything(training):
    part = training.parser.get_parsed_content
    names = ("model", "average", "optimizer", "lr_scheduler", "train#sampler")
    return {name: part(name).state_dict() for name in names}


def equal(a, b) -> bool:
    if isinstance(a, torch.Tensor):
        return torch.equal(a, b)
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(equal(a[k], b[k]) for k in a)
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(equal, a, b))
    return bool(a == b)


@pytest.fixture(scope="module")
def keep(tmp_path_factory):
    return {"folder": tmp_path_factory.mktemp("undisturbed")}


@pytest.fixture
def undisturbed(keep, workflow):
    if "training" not in keep:
        keep["training"] = workflow(keep["folder"])
        keep["training"].run()
    return keep["training"], keep["folder"]


@pytest.mark.parametrize("iteration", [6, 8], ids=["between epochs", "within an epoch"])
def test_a_resumed_run_ends_as_an_undisturbed_one_bit_for_bit(undisturbed, workflow, tmp_path, iteration):
    whole, whole_folder = undisturbed
    kill(workflow(tmp_path), iteration)
    torch.manual_seed(99)  # a new process has other random states
    resumed = workflow(tmp_path, resume="true")
    assert not equal(everything(resumed)["model"], everything(whole)["model"])
    resumed.run()
    assert equal(everything(resumed), everything(whole))
    for name in ("models/model.pt", "models/model_last.pt"):
        assert equal(*(torch.load(folder / name, weights_only=True) for folder in (tmp_path, whole_folder)))
    for name in ("train_curve.csv", "validation_curve.csv"):
        assert (tmp_path / name).read_text() == (whole_folder / name).read_text()
    evaluators = [w.parser.get_parsed_content("validate#evaluator").state for w in (resumed, whole)]
    assert evaluators[0].best_metric == evaluators[1].best_metric
    assert evaluators[0].best_metric_epoch == evaluators[1].best_metric_epoch


def test_hard_numbers_were_drawn_again_so_the_sampler_had_a_state_to_resume(undisturbed):
    sampler = undisturbed[0].parser.get_parsed_content("train#sampler")
    hard = sampler.state_dict()["hard"]
    assert hard
    assert {number for batch in sampler for number in batch} & set(hard)


def test_the_curve_has_one_row_per_epoch_and_the_last_two_checkpoints_are_kept(undisturbed):
    with (undisturbed[1] / "train_curve.csv").open() as file:
        assert [row["epoch"] for row in csv.DictReader(file)] == ["1", "2", "3", "4"]
    assert [path.name for path in checkpoint_files(undisturbed[1] / "models")] == ["checkpoint_3.pt", "checkpoint_4.pt"]


def resumed_error(workflow, folder, **more) -> str:
    with pytest.raises(RuntimeError) as caught:
        workflow(folder, resume="true", **more).run()
    assert isinstance(caught.value.__cause__, CheckpointError)
    return str(caught.value.__cause__)


def test_a_faulty_checkpoint_is_named_and_the_one_before_it_can_be_used(workflow, tmp_path):
    kill(workflow(tmp_path), 8)
    first, second = checkpoint_files(tmp_path / "models")
    content = second.read_bytes()
    second.write_bytes(content[: len(content) // 2])
    said = resumed_error(workflow, tmp_path)
    assert "checkpoint_2.pt cannot be read" in said
    assert "before it is checkpoint_1.pt" in said
    torch.save(torch.load(tmp_path / "models" / "model.pt", weights_only=True), second)
    assert "checkpoint_2.pt is no checkpoint of a training run" in resumed_error(workflow, tmp_path)
    second.write_bytes(content)
    assert "max_epochs: 4 there, 5 here" in resumed_error(workflow, tmp_path, max_epochs=5)
    resumed = workflow(tmp_path, resume=str(first), max_epochs=4)
    resumed.run()
    assert resumed.parser.get_parsed_content("train#trainer").state.epoch == 4


def test_nothing_to_resume(workflow, tmp_path):
    assert "--resume auto starts anew" in resumed_error(workflow, tmp_path)
    fresh = workflow(tmp_path, resume="auto", max_epochs=1)
    fresh.run()
    assert fresh.parser.get_parsed_content("train#trainer").state.epoch == 1
