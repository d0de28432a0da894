"""A Ray cluster of several nodes on this machine."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# a node that is gone is noticed in seconds; Ray's own settings take most of half a minute
FAST = {
    "health_check_initial_delay_ms": 1000,
    "health_check_period_ms": 1000,
    "health_check_timeout_ms": 3000,
    "health_check_failure_threshold": 3,
}
NODE = {"object_store_memory": 80 * 2**20, "node_ip_address": "127.0.0.1"}


@dataclass
class RayNodes:
    """A head without CPUs, and nodes of one CPU each."""

    cluster: Any
    nodes: list[Any]

    @property
    def address(self) -> str:
        """As ``--cluster`` takes it."""
        return f"ray://{self.cluster.address}"

    def kill_one(self) -> None:
        """Kill the processes of a node."""
        self.cluster.remove_node(self.nodes.pop(), allow_graceful=False)


@contextmanager
def ray_nodes(count: int) -> Iterator[RayNodes]:
    """Start so many nodes, for as long as a ``with`` block lasts; processes started within find their token."""
    folder = Path(tempfile.mkdtemp(prefix="ray-", dir="/tmp"))  # the path of a socket has at most 107 characters
    (folder / "ray").mkdir()
    os.environ |= {"HOME": str(folder), "RAY_TMPDIR": str(folder), "RAY_USAGE_STATS_ENABLED": "0"}
    os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"  # listen on 127.0.0.1; read when Ray is imported
    os.environ.pop("RAY_ADDRESS", None)
    from ray.cluster_utils import Cluster

    head = {"num_cpus": 0, "include_dashboard": False, "_system_config": FAST}
    nodes = RayNodes(Cluster(initialize_head=True, head_node_args={**NODE, **head}), [])
    try:
        for _ in range(count):
            nodes.nodes.append(nodes.cluster.add_node(num_cpus=1, **NODE))
        yield nodes
    finally:
        nodes.cluster.shutdown()
        shutil.rmtree(folder, ignore_errors=True)
