"""One worker as seen by the process that gives it work."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time

from ..ingest_error import IngestError
from .limits import Limits
from .outcome import Outcome
from .parse_answer import MAX_ANSWER_BYTES, Answer, parse_answer
from .task import Task

_MODULE = __name__.rpartition(".")[0] + ".worker"
_KEPT_VARIABLES = ("LANG", "LC_ALL", "LC_CTYPE", "PYTHONHOME", "PYTHONUTF8", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
# glibc gives freed buffers of a slice back to the system at once, and each page of the next one is a fault again
_KEEP_FREED = "glibc.malloc.mmap_threshold=33554432:glibc.malloc.trim_threshold=268435456"
_END_S = 5.0  # a worker whose socket closed ends at once; one that does not is killed
_OUT_OF_TIME = (-signal.SIGXCPU, -signal.SIGALRM)


class WorkerProcess:
    """A worker; it does one task at a time. What it says is checked, and a worker that says nonsense is ended."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self.socket, there = socket.socketpair()
        self.socket.settimeout(limits.base_s)  # for sending: a worker that hangs reads nothing
        command = [sys.executable, "-P", "-m", _MODULE, str(there.fileno()), str(limits.memory_bytes_at_most)]
        with there:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,  # libraries print paths
                cwd="/",
                env=_environment(),
                pass_fds=(there.fileno(),),
            )
        self._heard = bytearray()
        self._task: Task | None = None
        self._at: int | None = None
        self.deadline = float("inf")

    def begin(self, task: Task) -> Outcome | None:
        """Give a task; an outcome comes back at once only where the worker is gone."""
        seconds = self._limits.seconds(task.voxels)
        self._task, self._at, self.deadline = task, None, time.monotonic() + seconds
        memory = self._limits.memory_bytes + task.size
        fields = {"kind": task.kind, "body": task.body, "start": task.start, "size": task.size}
        message = json.dumps({**fields, "seconds": seconds, "memory_bytes": memory}).encode("ascii") + b"\n"
        try:
            sent = socket.send_fds(self.socket, [message], [] if task.memory < 0 else [task.memory])
            self.socket.sendall(message[sent:])
        except TimeoutError:
            return self.overdue()
        except OSError:
            return self._died()
        return None

    def hear(self) -> Outcome | None:
        """Take what the worker has said since; an outcome once it is done, or gone."""
        try:
            block = self.socket.recv(MAX_ANSWER_BYTES, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return None
        except OSError:
            return self._died()
        self._heard += block
        try:
            outcome = self._take_lines()
        except ValueError:
            self.stop()
            return Outcome(error=IngestError("F_WORKER_DIED", "(it gave no valid answer)", "failed"), at=self._at)
        return outcome if outcome is not None or block else self._died()

    def overdue(self) -> Outcome:
        """End a worker whose time has passed."""
        self.stop()
        return Outcome(error=IngestError("F_WORKER_TIMEOUT", status="failed"), at=self._at)

    @property
    def alive(self) -> bool:
        """Whether it can be given a task."""
        return self.process.poll() is None

    def stop(self) -> None:
        """End it, whatever it does."""
        self.socket.close()
        self.process.kill()
        self.process.wait()

    def _take_lines(self) -> Outcome | None:
        while (end := self._heard.find(b"\n")) >= 0:
            answer = parse_answer(bytes(self._heard[:end]))
            del self._heard[: end + 1]
            if answer.kind != "at":
                return self._outcome(answer)
            self._move(answer)
        if len(self._heard) > MAX_ANSWER_BYTES:
            raise ValueError("too long")
        return None

    def _move(self, answer: Answer) -> None:
        """Take the steps one after the other: a worker cannot keep anyone busy by talking."""
        expected = 0 if self._at is None else self._at + 1
        if self._task is None or answer.numbers != (expected,) or expected >= self._task.steps:
            raise ValueError("no such step")
        self._at = expected

    def _outcome(self, answer: Answer) -> Outcome:
        if self._task is None or self._heard:
            raise ValueError("an answer to nothing")
        if answer.fault is None:
            if (-1 if self._at is None else self._at) + 1 != self._task.steps:
                raise ValueError("not all was done")
            self._task.check(answer.numbers)
        self._task, self.deadline = None, float("inf")
        return Outcome(answer.numbers, answer.fault, self._at)

    def _died(self) -> Outcome:
        self.socket.close()
        try:
            code = self.process.wait(_END_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = self.process.wait()
        if code in _OUT_OF_TIME:
            return self.overdue()
        detail = f"(signal {-code})" if code < 0 else ""
        return Outcome(error=IngestError("F_WORKER_DIED", detail, "failed"), at=self._at)


def _environment() -> dict[str, str]:
    """Give what Python needs to find the same packages, whatever way they were installed, and nothing else."""
    kept = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    path = os.pathsep.join(os.path.abspath(entry) for entry in sys.path if entry)  # noqa: PTH100
    threads = {f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL")}
    # no file can be written under the limits, compiled modules neither
    return {**kept, **threads, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1", "GLIBC_TUNABLES": _KEEP_FREED}
