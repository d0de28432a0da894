"""Ray started on this machine for one run."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys

import pytest

from resmtnet.pipelines.cluster.connected_ray import connected_ray
from resmtnet.pipelines.inference.usage_error import UsageError

# A process of its own: what Ray listens on is settled when it is imported. "0100007F" is 127.0.0.1 in the kernel's
# table of sockets, state 0A is listening; the inodes say whose they are.
ALONE = """
import json, os, sys
from pathlib import Path
from resmtnet.pipelines.cluster.connected_ray import connected_ray

def sockets(process):
    try:
        return {os.readlink(file)[8:-1] for file in Path(f"/proc/{process}/fd").iterdir()}
    except OSError:
        return set()

def ours():
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents[int(stat.parent.name)] = int(fields[1])
    found = {os.getpid()}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found

def listening():
    inodes = set().union(*map(sockets, ours()))
    rows = [row.split() for name in ("tcp", "tcp6") for row in Path(f"/proc/net/{name}").read_text().splitlines()[1:]]
    return sorted({row[1].split(":")[0][-8:] for row in rows if row[3] == "0A" and row[9] in inodes})

with connected_ray("local") as ray:
    from ray._private import state

    folder = Path(ray._private.worker._global_node.get_session_dir_path())
    ray.get(ray.remote(lambda: 0).remote())
    said = {"where": listening(), "job": [job["Entrypoint"] for job in ray._private.state.jobs()], "n": len(ours())}
    said["modules"] = ray.get(ray.remote(lambda: __import__("sys").path).remote())
print(json.dumps({**said, "left": folder.exists() or folder.parent.parent.exists()}))
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_it_is_private_and_leaves_nothing(tmp_path):
    pytest.importorskip("ray")
    environment = {**os.environ, "HOME": str(tmp_path / "home"), "PYTHONSAFEPATH": "1"}
    (tmp_path / "home").mkdir()
    command = [sys.executable, "-c", ALONE, "DOE_JANE"]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=300, check=False, cwd=tmp_path, env=environment
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)  # and nothing else was printed
    assert said["n"] > 3
    assert said["where"] == ["0100007F"]
    assert said["job"] == ["resmtnet infer"]
    assert str(tmp_path) not in said["modules"]
    assert not said["left"]
    assert list((tmp_path / "home").iterdir()) == []


def test_where_no_cluster_can_be(monkeypatch):
    pytest.importorskip("ray")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(UsageError, match=f"Nothing answers at 127.0.0.1:{port}"), connected_ray(f"127.0.0.1:{port}"):
        pass
    monkeypatch.setenv("RAY_ADDRESS", "ray://head:10001")
    with pytest.raises(UsageError, match="Ray Client"), connected_ray("auto"):
        pass
