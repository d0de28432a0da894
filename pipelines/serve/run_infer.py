"""Run ``resmtnet infer`` on a study, in a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from .serve_config import Run

_TICK_S = 0.2
_GRACE_S = 5.0  # from asking a run to end to killing it: nothing of it is lost, its files are written whole
_LAST_BYTES = 4096  # of what a command says are looked at
_MOST_CHARS = 400  # of the message that it ends with
_OURS = "resmtnet: "


@dataclass(frozen=True)
class Outcome:
    """How a run ended: its exit code, None where it was ended; ``why`` in words; ``stopped`` because we end."""

    code: int | None
    why: str
    stopped: bool = False


def infer_arguments(run: Run, source: Path, output: Path, id_key: Path) -> list[str]:
    """Return the command line: results name no series to who has not the key, and keep no list of them."""
    fixed = ["--bundle", run.bundle, "--device", run.device, "--outputs", ",".join(run.outputs)]
    return ["infer", str(source), str(output), *fixed, "--no-links", "--id-key", str(id_key), "--quiet", *run.options]


def run_infer(arguments: Sequence[str], *, time_limit_s: float, go_on: Callable[[], bool]) -> Outcome:
    """Run the command: its memory is given back when it ends, and what ends it ends nothing else."""
    command = [sys.executable, "-m", f"{__package__}.end_with_service", *arguments]
    with tempfile.TemporaryFile() as said:
        child = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=said, start_new_session=True
        )
        try:
            early = _wait(child, time.monotonic() + time_limit_s, go_on)
        finally:
            _end(child)
        if early is not None:
            return early
        if child.returncode < 0:
            return Outcome(None, f"ended by signal {-child.returncode}")
        return Outcome(child.returncode, f"exit code {child.returncode}{_message(said)}")


def _wait(child: subprocess.Popen[bytes], deadline: float, go_on: Callable[[], bool]) -> Outcome | None:
    """Wait for the end of a run; None where it ended by itself."""
    while child.poll() is None:
        if not go_on():
            return Outcome(None, "stopped", stopped=True)
        if time.monotonic() > deadline:
            return Outcome(None, "the time limit was reached")
        time.sleep(_TICK_S)
    return None


def _message(said: IO[bytes]) -> str:
    """Quote the last line, if it is one that our command says: those hold nothing of a patient."""
    said.seek(max(said.seek(0, os.SEEK_END) - _LAST_BYTES, 0))
    lines = said.read().decode("utf-8", "replace").splitlines()
    return f", {lines[-1].removeprefix(_OURS)[:_MOST_CHARS]}" if lines and lines[-1].startswith(_OURS) else ""


def _end(child: subprocess.Popen[bytes]) -> None:
    """End the whole group: the processes that decode are in it."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(child.pid, number)
        except ProcessLookupError:
            break
        try:
            child.wait(_GRACE_S)
        except subprocess.TimeoutExpired:
            continue
    child.wait()
    if child.stdin is not None:
        child.stdin.close()
