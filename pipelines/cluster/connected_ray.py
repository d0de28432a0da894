"""A connection to Ray, for as long as a run lasts."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ..inference.usage_error import UsageError
from .import_ray import import_ray
from .ray_address import AUTO, LOCAL

_OBJECT_STORE_BYTES = 100 * 2**20  # plans are all that is sent
_ANSWER_S = 10.0  # for a first connection
_LONGEST_FOLDER = 20  # of characters: Ray's sockets lie 61 deeper, and the path of a socket has at most 107


@contextlib.contextmanager
def connected_ray(address: str) -> Iterator[Any]:
    """Give the module ``ray``, connected; what was started for it is ended afterwards.

    ``local`` is started here and leaves no files. Nothing that Ray prints, logs or tells others names the input: its
    job has another name than the command line, and what its nodes report is not printed.

    Raises
    ------
    UsageError
        Ray is not installed, nothing answers at the address, or this process uses Ray already.
    """
    if address == AUTO and os.environ.get("RAY_ADDRESS", "").startswith("ray://"):
        raise UsageError(
            "RAY_ADDRESS is that of Ray Client, which is not supported. Run this on a node of the cluster."
        )
    ray = import_ray(alone=address == LOCAL)
    if ray.is_initialized():
        raise UsageError("This process uses Ray already. Call ray.shutdown() first.")
    with contextlib.ExitStack() as stack:
        place = stack.enter_context(_local_place()) if address == LOCAL else {}
        stack.enter_context(_replaced(ray._private.utils, "get_entrypoint_name", lambda: "resmtnet infer"))
        stack.enter_context(_replaced(ray._private.worker, "print_to_stdstream", lambda *_, **__: None))
        stack.callback(ray.shutdown)
        if address not in (LOCAL, AUTO):
            _see_that_it_answers(ray, address)  # Ray itself tries for minutes
        _connect(ray, address, place)
        yield ray


def _see_that_it_answers(ray: Any, address: str) -> None:
    host, _, port = address.rpartition(":")
    host = host.strip("[]")
    if host in ("localhost", "127.0.0.1", "::1"):
        host = ray.util.get_node_ip_address()  # as Ray does
    try:
        socket.create_connection((host, int(port)), timeout=_ANSWER_S).close()
    except (OSError, OverflowError) as error:
        raise UsageError(
            f"Nothing answers at {address} ({type(error).__name__}). Give the address of the head of a running "
            "cluster, as said by ray start, or ray alone to start one on this machine."
        ) from error


def _connect(ray: Any, address: str, place: Mapping[str, Any]) -> None:
    try:
        with contextlib.chdir("/"):  # Ray puts the working directory first where its workers look for modules
            ray.init(address, log_to_driver=False, logging_level="critical", configure_logging=True, **place)
    except (ConnectionError, RuntimeError, ValueError, TimeoutError, ray.exceptions.RayError) as error:
        where = "on this machine" if address == LOCAL else f"at {address}"
        raise UsageError(
            f"No connection to Ray {where} ({type(error).__name__}). Check that the cluster runs, that this machine is "
            "a node of it, and that both have the same Ray, Python and token."
        ) from error


@contextlib.contextmanager
def _local_place() -> Iterator[Mapping[str, Any]]:
    """Arguments that start Ray here, in a folder that only its owner may enter."""
    parent = tempfile.gettempdir()
    folder = Path(tempfile.mkdtemp(prefix="ray-", dir=parent if len(parent) <= _LONGEST_FOLDER else "/tmp"))
    try:
        yield {
            "num_cpus": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
            "include_dashboard": False,
            "object_store_memory": _OBJECT_STORE_BYTES,
            "_temp_dir": str(folder / "r"),  # Ray lets everybody into the folder it is given
        }
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _replaced(module: Any, name: str, value: object) -> Iterator[None]:
    """Put something else in the place of what a module has; Ray has no options for these."""
    before = getattr(module, name, None)
    setattr(module, name, value)
    try:
        yield
    finally:
        setattr(module, name, before)
