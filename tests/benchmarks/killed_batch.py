"""Runs over many small cases that are killed at random and started again, held against an undisturbed one.

    python tests/benchmarks/killed_batch.py --ray --json killed_batch.json

One case in ten is broken, in one of four ways. The command is killed (SIGKILL, the whole process group) when a random
number of cases is finished, as often as asked for, and then run to its end. With ``--ray`` the same cases also go to a
Ray cluster of two nodes on this machine, one of which is killed at a random moment. Every file of every case is
compared byte by byte, ``case.json`` without its times; so are ``findings.csv`` and the cases of ``run.json``. The exit
status is 1 where anything differs.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from pydicom import dcmread
from ray_nodes import ray_nodes
from small_cases import small_chest
from stages import RESMTNET

from resmtnet.pipelines.phantom.dicom_series import write_ct_series

CASES, SHARE_BROKEN, KILLS, NOISE_HU = 200, 10, 3, 15.0
OUTPUTS = ("json", "csv", "nifti", "seg", "sr")
LATEST_S = 0.5  # after a case was finished the command is killed within this time


def main() -> int:
    arguments = _arguments()
    chance = random.Random(arguments.seed)
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        broken = write_cases(work / "in", arguments.cases)
        told: dict[str, Any] = {"cases": arguments.cases, "broken": broken, "seed": arguments.seed}
        told["undisturbed"] = _run_to_end(_command(work, "calm", arguments.bundle)) | _statuses(work / "calm")
        told["killed"] = _killed(work, arguments, chance) | _differences(work / "calm", work / "killed")
        if arguments.ray:
            told["ray"] = _on_ray(work, arguments, chance) | _differences(work / "calm", work / "ray")
    print(json.dumps(told, indent=2))
    if arguments.json:
        arguments.json.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    return int(not _as_it_should_be(told))


def _as_it_should_be(told: Mapping[str, Any]) -> bool:
    """Every case has a record, the broken ones one that says so; the kills took place, and changed nothing."""
    calm = told["undisturbed"]
    recorded = calm["n_cases"] == told["cases"] and calm["cases_by_status"].get("rejected", 0) == told["broken"]
    killed = all(kill["status"] == -signal.SIGKILL for kill in told["killed"]["kills"])
    lost = "ray" not in told or told["ray"]["was_running"]
    return recorded and killed and lost and not any(told[way]["different"] for way in ("killed", "ray") if way in told)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=CASES, metavar="N", help="default: %(default)s")
    parser.add_argument("--kills", type=int, default=KILLS, metavar="N", help="default: %(default)s")
    parser.add_argument("--seed", type=int, default=0, help="of the random moments; default: %(default)s")
    parser.add_argument("--bundle", default="lung_nodule_ct", help="name or folder of the bundle")
    parser.add_argument("--ray", action="store_true", help="also on a Ray cluster that loses a node")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the summary there, too")
    return parser.parse_args()


def write_cases(folder: Path, count: int) -> int:
    """Write a small chest ``count`` times, with other noise and UIDs each; return how many are broken."""
    hu, affine = small_chest()
    n_broken = 0
    for seed in range(count):
        noise = np.random.default_rng(seed).normal(0, NOISE_HU, hu.shape)
        noisy = np.clip(hu + noise, -1024, None).astype(np.int16)
        files = sorted(write_ct_series(folder / f"case{seed:05}", noisy, affine, seed=seed))
        if seed % SHARE_BROKEN == SHARE_BROKEN - 1:
            _break(files, way=n_broken % 4)
            n_broken += 1
    return n_broken


def _break(files: Sequence[Path], *, way: int) -> None:
    """Cut a file off, take one from the middle of the stack, leave too few, or put rubbish behind all headers."""
    middle = sorted(files, key=lambda file: float(dcmread(file).ImagePositionPatient[2]))[len(files) // 2]
    if way == 0:
        middle.write_bytes(middle.read_bytes()[:-1000])
    elif way == 1:
        middle.unlink()
    elif way == 2:
        for file in files[2:]:
            file.unlink()
    else:
        for file in files:
            data = file.read_bytes()
            file.write_bytes(data[: len(data) // 2] + b"rubbish" * 100)


def _command(work: Path, output: str, bundle: str) -> list[str]:
    paths = [str(work / "in"), str(work / output)]
    return [RESMTNET, "infer", *paths, "--bundle", bundle, "--quiet", "--device", "cpu", "--outputs", ",".join(OUTPUTS)]


def _run_to_end(command: Sequence[str]) -> dict[str, Any]:
    began = time.monotonic()
    code = subprocess.run(command, check=False, stdout=subprocess.DEVNULL).returncode
    return {"exit_code": code, "wall_s": round(time.monotonic() - began, 1)}


def _killed(work: Path, arguments: argparse.Namespace, chance: random.Random) -> dict[str, Any]:
    output, kills = work / "killed", []
    command = _command(work, "killed", arguments.bundle)
    for _ in range(arguments.kills):
        moment = chance.randint(_finished(output), arguments.cases - 1)
        process = subprocess.Popen(command, start_new_session=True, stdout=subprocess.DEVNULL)
        while _finished(output) < moment and process.poll() is None:
            time.sleep(0.02)
        time.sleep(chance.uniform(0, LATEST_S))
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        kills.append({"finished": _finished(output), "status": process.wait()})
    return {"kills": kills} | _run_to_end(command) | _statuses(output)


def _on_ray(work: Path, arguments: argparse.Namespace, chance: random.Random) -> dict[str, Any]:
    output, moment = work / "ray", chance.randint(arguments.cases // 10, arguments.cases // 2)
    with ray_nodes(2) as nodes:
        command = [*_command(work, "ray", arguments.bundle), "--cluster", nodes.address]
        began = time.monotonic()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        while _finished(output) < moment and process.poll() is None:
            time.sleep(0.02)
        finished, running = _finished(output), process.poll() is None
        nodes.kill_one()
        code = process.wait()
    told = {"node_killed_at": finished, "was_running": running, "exit_code": code}
    return told | {"wall_s": round(time.monotonic() - began, 1)} | _statuses(output)


def _finished(output: Path) -> int:
    return sum(1 for _ in output.glob("cases/[!.]*/case.json"))


def _statuses(output: Path) -> dict[str, Any]:
    if not (output / "run.json").exists():
        return {"n_cases": 0}
    run = json.loads((output / "run.json").read_bytes())
    return {key: run[key] for key in ("n_cases", "n_findings", "cases_by_status", "cases_by_code")}


def _differences(calm: Path, output: Path) -> dict[str, Any]:
    """Name the files that are not alike, or not in both."""
    ours, theirs = _contents(output), _contents(calm)
    different = sorted(name for name in {*ours, *theirs} if ours.get(name) != theirs.get(name))
    return {"files": len(theirs), "kinds": Counter(Path(name).name for name in theirs), "different": different}


def _contents(output: Path) -> Mapping[str, object]:
    files: dict[str, object] = {}
    for path in (path for path in output.rglob("*") if path.is_file()):
        content: Any = path.read_bytes()
        if path.name in ("case.json", "run.json"):
            content = {**json.loads(content), "timings_s": None}
        files[path.relative_to(output).as_posix()] = content
    return files


if __name__ == "__main__":
    sys.exit(main())
