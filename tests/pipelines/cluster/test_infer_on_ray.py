"""Whole runs on a real Ray cluster of several nodes on this machine."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from resmtnet.pipelines.cluster.assignments import MAX_LOSSES
from resmtnet.pipelines.cluster.infer_on_ray import infer_on_ray
from resmtnet.pipelines.inference.open_output import open_output
from resmtnet.pipelines.inference.usage_error import UsageError
from resmtnet.pipelines.inference.workers import Workers

N_SCANS = 6
IDENTIFYING = "DOE_JANE"  # in the path of each scan
TIMEOUT_S = 120


def run(ray_cluster, place, output: Path, **more) -> None:
    open_output(output)
    infer_on_ray(ray_cluster.address, place.bundle, place.source, output, place.named(output), progress=False, **more)


def finished(output: Path) -> dict[str, int]:
    """When each case was written."""
    return {path.parent.name: path.stat().st_mtime_ns for path in output.glob("cases/[!.]*/case.json")}


def evaluated(place) -> list[str]:
    """Ids of the scans that are no rejects."""
    return sorted(path.parent.name for path in place.local.glob("cases/*/nodules.nii.gz"))


def wait_until(happened: Callable[[], bool]) -> None:
    end = time.monotonic() + TIMEOUT_S
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.05)


@contextmanager
def in_the_middle(output: Path, place, act: Callable[[], None]) -> Iterator[None]:
    """Act in a thread when the first scans are done and others are not."""
    (place.told / "slow").touch()
    n_at_first = len(finished(output))

    def watch() -> None:
        wait_until(lambda: len(finished(output)) > n_at_first + 1)  # the one that is rejected, and one more
        act()

    thread = threading.Thread(target=watch)
    thread.start()
    yield
    thread.join()


def test_a_node_is_lost_in_the_middle(ray_cluster, place, tmp_path, contents):
    output, before = tmp_path / "out", {}

    def kill() -> None:
        before.update(finished(output))
        ray_cluster.kill_node()

    with in_the_middle(output, place, kill):
        run(ray_cluster, place, output)
    assert 1 < len(before) < N_SCANS + 1 == len(evaluated(place)) + 1
    assert before.items() <= finished(output).items()  # nothing that was done is done again
    assert contents(output) == contents(place.local)


def test_a_scan_that_ends_its_worker_stops_nobody(ray_cluster, place, tmp_path, contents):
    output, deadly = tmp_path / "out", evaluated(place)[2]
    (place.told / deadly).touch()
    run(ray_cluster, place, output, workers=Workers(1))  # whatever it has beside the deadly one is lost with it
    record = json.loads((output / "cases" / deadly / "case.json").read_bytes())
    assert (record["status"], record["codes"]) == ("failed", ["F_WORKER_LOST"])
    assert len((place.told / "deaths").read_text()) == MAX_LOSSES
    name = f"cases/{deadly}/"
    ours, theirs = contents(output), contents(place.local)
    others = [key for key in theirs if key.startswith("cases/") and not key.startswith(name)]
    assert len(others) == 2 * (N_SCANS - 1) + 1
    assert {key: ours[key] for key in others} == {key: theirs[key] for key in others}


def test_a_cluster_without_room_is_told_and_costs_no_results(ray_cluster, place, tmp_path, contents):
    shutil.copytree(place.local, tmp_path / "out")
    open_output(tmp_path / "out")
    with pytest.raises(UsageError, match=r"no worker for 1 s .asked for: 99 CPUs"):
        infer_on_ray(
            ray_cluster.address,
            place.bundle,
            place.source,
            tmp_path / "out",
            place.named(tmp_path / "out", overwrite=True),
            workers=Workers(cpus=99),
            progress=False,
            patience_s=1,
        )
    assert contents(tmp_path / "out") == contents(place.local)


DRIVER = """
import json
import signal
import sys
from pathlib import Path
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it
sys.path.insert(0, sys.argv[1])
from resmtnet.pipelines.cluster.infer_on_ray import infer_on_ray
from resmtnet.pipelines.inference.open_output import open_output
from resmtnet.pipelines.inference.workers import Workers
cluster, root, source, output, named = sys.argv[2:]
open_output(Path(output))
try:
    infer_on_ray(cluster, Path(root), Path(source), Path(output), json.loads(named), workers=Workers(1))
except KeyboardInterrupt:
    sys.exit(130)
"""


def test_a_driver_that_is_stopped_and_one_that_is_killed(ray_cluster, place, tmp_path, contents):
    output = tmp_path / "out"
    (place.told / "slow").touch()
    for how, code in ((signal.SIGINT, 130), (signal.SIGKILL, -9)):
        n_before = len(finished(output))
        paths = [ray_cluster.address, place.bundle, place.source, output]
        arguments = [str(place.modules), *map(str, paths), json.dumps(place.named(output))]
        driver = subprocess.Popen([sys.executable, "-c", DRIVER, *arguments], stderr=subprocess.PIPE, text=True)
        wait_until(lambda n=n_before + 1, driver=driver: len(finished(output)) > n or driver.poll() is not None)
        driver.send_signal(how)
        said = driver.communicate(timeout=TIMEOUT_S)[1]
        assert driver.returncode == code, said
        assert how != signal.SIGINT or not said
        assert len(finished(output)) < N_SCANS + 1
        assert not (output / "run.json").exists()
    before = finished(output)
    (place.told / "slow").unlink()
    run(ray_cluster, place, output, workers=Workers(1))
    done = set(evaluated(place)) & set(before)
    assert {case: before[case] for case in done}.items() <= finished(output).items()
    assert contents(output) == contents(place.local)


def test_nothing_that_identifies_is_in_the_logs(ray_cluster):
    logs = [path.read_bytes() for path in ray_cluster.folder.glob("ray/session_*/logs/**/*") if path.is_file()]
    assert sum(map(len, logs)) > 10_000
    assert not any(IDENTIFYING.encode() in log for log in logs)
