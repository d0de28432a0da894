"""What can go wrong in a run, as a person is told; and what a seed and learned weights do."""

from __future__ import annotations

import resource
from pathlib import Path

import pytest
import torch

from resmtnet.pipelines.inference.usage_error import UsageError
from resmtnet.pipelines.results.output_not_writable import OutputNotWritable
from resmtnet.pipelines.training.checkpoint_error import CheckpointError
from resmtnet.pipelines.training.checkpoint_file import checkpoint_files, load_checkpoint
from resmtnet.pipelines.training.run_training import run_training

LEARNED = {"loss#learned": True, "workers": 2}


@pytest.fixture
def run(made_overrides):
    torch.set_num_threads(1)

    def run(output, **more):
        options = {**made_overrides(output), "epoch_length": 2, "max_epochs": 1, **more}
        return run_training(Path(options.pop("bundle_root")), options, logged=False)

    return run


def test_the_seed_says_what_network_a_run_starts_with(workflow, tmp_path):
    def start(seed):
        torch.seed()
        return workflow(tmp_path, seed=seed).parser.get_parsed_content("model").state_dict()["encoder.stem.0.weight"]

    assert torch.equal(start(1), start(1))
    assert not torch.equal(start(1), start(2))


def test_a_run_is_resumed_with_its_own_settings_and_network_only(run, tmp_path):
    run(tmp_path)
    with pytest.raises(UsageError, match=r"learning_rate: 0.002 there, 0.1 here"):
        run(tmp_path, resume="true", learning_rate=0.1)
    with pytest.raises(UsageError, match=r"task_weights: .*'box': 0.5.* there, .*'box': 2.0.* here"):
        run(tmp_path, resume="true", **{"loss#box": 2.0})
    other = {"_target_": "resmtnet.networks.ResMTNet", "in_channels": 2, "widths": [8, 8, 8, 8], "blocks": [1, 1, 1, 1]}
    with pytest.raises(UsageError, match=r"checkpoint_1.pt, model: it is of another network"):
        run(tmp_path, resume="true", network_def=other)


def test_junk_in_place_of_a_checkpoint_is_told(tmp_path):
    for content in (b"", b"junk", b"PK\x03\x04 half"):
        (tmp_path / "checkpoint_1.pt").write_bytes(content)
        with pytest.raises(CheckpointError, match=r"checkpoint_1.pt cannot be read"):
            load_checkpoint(tmp_path / "checkpoint_1.pt")


@pytest.mark.parametrize("name", ["gone.pt", "junk.pt"])
def test_weights_to_start_from_that_are_none(run, tmp_path, name):
    (tmp_path / "junk.pt").write_bytes(b"junk")
    with pytest.raises(UsageError, match=name):
        run(tmp_path / "run", initial_weights=str(tmp_path / name))


def test_a_full_disk_is_told_and_harms_no_earlier_checkpoint(run, tmp_path):
    """The limit on the size of a file stands for the disk: it, too, ends a write in the middle."""
    run(tmp_path)
    before = (tmp_path / "models" / "checkpoint_1.pt").read_bytes()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) // 2, hard))
    try:
        with pytest.raises(OutputNotWritable, match="cannot write to"):
            run(tmp_path, resume="false")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert [path.name for path in checkpoint_files(tmp_path / "models")] == ["checkpoint_1.pt"]
    assert (tmp_path / "models" / "checkpoint_1.pt").read_bytes() == before
    assert not list((tmp_path / "models").glob(".*"))


def test_learned_weights_move_undecayed_and_validation_keeps_the_given_ones(workflow, tmp_path):
    training = workflow(tmp_path, max_epochs=2, **LEARNED)
    training.run()
    part = training.parser.get_parsed_content
    weights = part("loss").task_weights()
    assert all(weights[name] != pytest.approx(given, abs=1e-6) for name, given in part("loss").weights.items())
    groups = part("optimizer").param_groups
    assert [group["weight_decay"] for group in groups] == [0.01, 0.0]
    assert len(groups[1]["params"]) == 4
    average = part("average").eval()
    with torch.no_grad():
        losses = [float(part("loss").fixed(average(x["image"]), x["label"])) for x in part("validate#dataloader")]
    assert part("validate#evaluator").state.metrics["val_loss"] == pytest.approx(sum(losses) / len(losses), rel=1e-4)


def test_a_resumed_run_with_learned_weights_hard_patches_and_workers_ends_as_an_undisturbed_one(workflow, tmp_path):
    whole = workflow(tmp_path / "whole", **LEARNED)
    whole.run()
    assert load_checkpoint(tmp_path / "whole" / "models" / "checkpoint_4.pt")["parts"]["sampler"]["hard"]
    (tmp_path / "again" / "models").mkdir(parents=True)
    three = (tmp_path / "whole" / "models" / "checkpoint_3.pt").read_bytes()
    (tmp_path / "again" / "models" / "checkpoint_3.pt").write_bytes(three)
    torch.seed()
    resumed = workflow(tmp_path / "again", resume="auto", **LEARNED)
    resumed.run()
    for name in ("model", "average", "loss"):
        states = [w.parser.get_parsed_content(name).state_dict() for w in (whole, resumed)]
        assert states[0].keys() == states[1].keys()
        assert all(torch.equal(states[0][key], states[1][key]) for key in states[0])
