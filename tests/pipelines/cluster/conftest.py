"""A Ray cluster of several nodes on this machine, scans for it, and a bundle whose workers can be made to die."""

from __future__ import annotations

import importlib.util
import json
import shutil
import tempfile
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest

from resmtnet.pipelines.inference.infer import infer

N_SCANS = 6
OVERRIDES = {"min_probability": 0.0, "max_findings": 2}
IDENTIFYING = "DOE_JANE"
# A step of the preprocessing that does what a folder says, on workers only: its description, and with that the hash of
# the config, is the same everywhere.
STEP = """
import os, sys, time
from pathlib import Path

class DoAsToldd:
    def __init__(self, folder):
        self._folder = Path(folder)

    def __call__(self, case):
        if sys.argv[0].endswith("default_worker.py"):
            if (self._folder / "slow").exists():
                time.sleep(1)
            if (self._folder / case["plan"].case_id).exists():
                with (self._folder / "deaths").open("a") as file:
                    file.write("x")
                os._exit(1)
        return case
"""
# Quick to see that a node is gone; Ray's own settings take most of half a minute.
FAST = {
    "health_check_initial_delay_ms": 1000,
    "health_check_period_ms": 1000,
    "health_check_timeout_ms": 3000,
    "health_check_failure_threshold": 3,
}
NODE = {"object_store_memory": 80 * 2**20, "node_ip_address": "127.0.0.1"}


@dataclass(frozen=True)
class Place:
    """Folders of a run: the scans, the bundle, what its step is told, and the results of a run without a cluster."""

    source: Path
    bundle: Path
    told: Path
    modules: Path
    local: Path

    def named(self, output: Path, **more: Any) -> dict[str, Any]:
        paths = {"dataset_dir": str(self.source), "output_dir": str(output)}
        return {**paths, "overwrite": False, "links": True, "outputs": ["json", "nifti", "csv"], **OVERRIDES, **more}


@pytest.fixture(scope="session")
def tiny_scans(tmp_path_factory: pytest.TempPathFactory, small_chest) -> Path:
    """Six scans of one voxel's difference, and one that is cut off."""
    folder = tmp_path_factory.mktemp("in") / IDENTIFYING
    folder.mkdir()
    affine_ras = np.diag([-1.0, -1.0, 1.0, 1.0]) @ small_chest.affine_lps
    for n in range(N_SCANS):
        hu = small_chest.hu.copy()
        hu[0, 0, 0] += n
        nib.Nifti1Image(hu.transpose(2, 1, 0), affine_ras).to_filename(folder / f"{n}.nii")
    (folder / "cut.nii").write_bytes((folder / "0.nii").read_bytes()[:-2000])
    return folder


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory, tiny_scans: Path, small_bundle: Path) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("ray")
    (folder / "told").mkdir()
    (folder / "modules").mkdir()
    (folder / "modules" / "told_step.py").write_text(textwrap.dedent(STEP))
    shutil.copytree(small_bundle, folder / "bundle")
    config_file = folder / "bundle" / "configs" / "inference.json"
    config = json.loads(config_file.read_text())
    step = {"_target_": "told_step.DoAsToldd", "folder": str(folder / "told")}
    config["preprocessing"]["transforms"].insert(0, step)
    config_file.write_text(json.dumps(config))
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(folder / "modules"))
        outputs = ("json", "nifti", "csv")
        bundle, local = folder / "bundle", folder / "local"
        infer(tiny_scans, local, bundle=str(bundle), outputs=outputs, progress=False, overrides=OVERRIDES)
        yield Place(tiny_scans, bundle, folder / "told", folder / "modules", local)


@dataclass
class RayCluster:
    """Two nodes of one CPU beside a head that has none, so that there is room for two workers."""

    cluster: Any
    folder: Path
    nodes: list[Any]

    @property
    def address(self) -> str:
        return f"ray://{self.cluster.address}"

    def add_node(self) -> None:
        self.nodes.append(self.cluster.add_node(num_cpus=1, **NODE))

    def kill_node(self) -> None:
        self.cluster.remove_node(self.nodes.pop(0), allow_graceful=False)


@pytest.fixture(scope="module")
def ray_cluster(place: Place) -> Iterator[RayCluster]:
    if importlib.util.find_spec("ray") is None:
        pytest.skip("Ray is not installed")
    folder = Path(tempfile.mkdtemp(prefix="ray-", dir="/tmp"))  # the path of a socket has at most 107 characters
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(folder / "home"))  # Ray leaves its token there
        patch.setenv("PYTHONPATH", str(place.modules))
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        patch.setenv("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")  # listen on 127.0.0.1
        patch.setenv("RAY_TMPDIR", str(folder))
        patch.delenv("RAY_ADDRESS", raising=False)
        (folder / "home").mkdir()
        (folder / "ray").mkdir()
        from ray._private import ray_constants
        from ray.cluster_utils import Cluster

        patch.setattr(ray_constants, "ENABLE_RAY_CLUSTER", False)  # the same, where something imported Ray before

        head = {"num_cpus": 0, "include_dashboard": False, "_system_config": FAST}
        cluster = RayCluster(Cluster(initialize_head=True, head_node_args={**NODE, **head}), folder, [])
        try:
            cluster.add_node()
            cluster.add_node()
            yield cluster
        finally:
            cluster.cluster.shutdown()
            shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(autouse=True)
def _nothing_told(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if "place" in request.fixturenames:
        for file in request.getfixturevalue("place").told.iterdir():
            file.unlink()


@pytest.fixture(scope="session")
def contents() -> Callable[[Path], dict[str, object]]:
    """Every file of the results; times, the only thing that may differ from run to run, taken out."""

    def read(output: Path) -> dict[str, object]:
        files: dict[str, object] = {}
        for path in sorted(path for path in output.rglob("*") if path.is_file()):
            name = path.relative_to(output).as_posix()
            files[name] = path.read_bytes()
            if path.name in ("case.json", "run.json"):
                files[name] = {**json.loads(path.read_bytes()), "timings_s": None}
        return files

    return read
