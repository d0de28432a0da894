"""Two processes on one machine, gloo, CPU: exactly what the header of multi_gpu_train.yaml says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import torch

import resmtnet.bundles
from resmtnet.networks import ResMTNet

BUNDLE = Path(resmtnet.bundles.__file__).parent / "lung_nodule_ct"
MORE = {
    "loss#learned": True,
    "run": [
        "$torch.save(@network.module.state_dict(), @output_dir + '/start' + os.environ['RANK'] + '.pt')",
        "$@train#trainer.run()",
        "$torch.save([*(p.detach() for p in @model.parameters()), *@loss.state_dict().values(), "
        "*@average.state_dict().values()], "
        "@output_dir + '/rank' + os.environ['RANK'] + '.pt')",
        "$@train#sampler.set_epoch(2)",
        "$pathlib.Path(@output_dir, 'drawn' + os.environ['RANK']).write_text(str(list(@train#sampler)))",
    ],
}


def test_two_processes_train_one_network(made_overrides, tmp_path):
    output = tmp_path / "run"
    more = tmp_path / "more.json"
    options = {**made_overrides(output), **MORE, "max_epochs": 2, "initial_weights": str(tmp_path / "first.pt")}
    more.write_text(json.dumps(options))
    network = {name: value for name, value in options["network_def"].items() if name != "_target_"}
    first = ResMTNet(**network).state_dict()
    torch.save(first, tmp_path / "first.pt")
    configs = [str(BUNDLE / "configs" / name) for name in ("train.yaml", "multi_gpu_train.yaml")]
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node=2", "-m"]
    command += ["monai.bundle", "run", "--config_file", str([*configs, str(more)])]
    command += ["--meta_file", str(BUNDLE / "configs" / "metadata.json"), "--logging_file", "False"]
    environment = {
        **os.environ,
        "PYTHONPATH": str(Path(__file__).parent),
        "OMP_NUM_THREADS": "1",
        "CUDA_VISIBLE_DEVICES": "",
    }
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, cwd=tmp_path)
    assert done.returncode == 0, done.stderr[-2000:]
    for rank in (0, 1):
        start = torch.load(output / f"start{rank}.pt", weights_only=True)
        assert all(torch.equal(start[name], first[name]) for name in first)
    ranks = [torch.load(output / f"rank{rank}.pt", weights_only=True) for rank in (0, 1)]
    assert all(map(torch.equal, *ranks))
    drawn = [json.loads((output / f"drawn{rank}").read_text()) for rank in (0, 1)]
    assert not {n for batch in drawn[0] for n in batch} & {n for batch in drawn[1] for n in batch}
    found = sorted(path.name for path in (output / "models").iterdir())
    assert found == ["checkpoint_1.pt", "checkpoint_2.pt", "model.pt", "model_last.pt"]
    rows = (output / "train_curve.csv").read_text().split()
    assert len(rows) == 3
    state = torch.load(output / "models" / "checkpoint_2.pt", weights_only=True)
    assert state["random"]["torch"].shape[0] == 2
    assert all(map(torch.equal, ranks[0][-3:], list(state["parts"]["average"].values())[-3:]))
