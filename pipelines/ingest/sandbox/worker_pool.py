"""Workers that are started when they are first needed, and replaced when they die."""

from __future__ import annotations

import os
import select
import threading
import time
from collections import deque
from collections.abc import Sequence

from ..ingest_error import IngestError
from .limits import Limits
from .outcome import Outcome
from .task import Task
from .worker_process import WorkerProcess

MAX_WORKERS = 8  # more decode no faster than files are read and arrays are judged
_LONGEST_WAIT_S = 3600.0  # poll takes a C int of milliseconds


class WorkerPool:
    """Up to ``size`` workers under ``limits``; any thread may use it, one at a time."""

    def __init__(self, limits: Limits, size: int | None = None) -> None:
        self.limits = limits
        self.size = _cpus() if size is None else size
        self._workers: list[WorkerProcess] = []
        self._lock = threading.Lock()

    @property
    def pids(self) -> tuple[int, ...]:
        """Processes of the workers that have been started."""
        return tuple(worker.process.pid for worker in self._workers)

    def run(self, tasks: Sequence[Task]) -> list[Outcome | None]:
        """Do the tasks in order, as many at a time as there are workers.

        No task is begun after one has failed: None stands for what was not begun. All before a failed one are
        finished, so that the first failure of the list does not depend on chance.
        """
        with self._lock:
            run = _Run(tasks)
            try:
                self._provide(min(self.size, len(tasks)))
                run.go(self._workers)
            finally:
                run.abandon()
                self._drop_dead()
            return run.outcomes

    def close(self) -> None:
        """End the workers; the next task starts new ones."""
        with self._lock:
            for worker in self._workers:
                worker.stop()
            self._workers = []

    def forget(self) -> None:
        """Let go of the workers of the process that this one was forked from."""
        self._lock = threading.Lock()
        for worker in self._workers:
            worker.socket.close()
            worker.process.returncode = 0  # not a child of this process: nothing to wait for
        self._workers = []

    def _provide(self, count: int) -> None:
        self._drop_dead()
        while len(self._workers) < count:
            try:
                self._workers.append(WorkerProcess(self.limits))
            except OSError as error:
                raise IngestError("F_WORKER_DIED", f"(not started: {type(error).__name__})", "failed") from None

    def _drop_dead(self) -> None:
        for worker in self._workers:
            if not worker.alive:
                worker.stop()
        self._workers = [worker for worker in self._workers if worker.alive]


class _Run:
    """One list of tasks on its way through the workers."""

    def __init__(self, tasks: Sequence[Task]) -> None:
        self.outcomes: list[Outcome | None] = [None] * len(tasks)
        self._tasks = tasks
        self._waiting = deque(range(len(tasks)))
        self._busy: dict[int, tuple[WorkerProcess, int]] = {}
        self._poll = select.poll()

    def go(self, workers: Sequence[WorkerProcess]) -> None:
        for worker in workers[: len(self._tasks)]:
            self._give(worker)
        while self._busy:
            nearest = min(worker.deadline for worker, _ in self._busy.values())
            wait_s = min(max(nearest - time.monotonic(), 0.0), _LONGEST_WAIT_S)
            for descriptor, _ in self._poll.poll(wait_s * 1000 + 1):
                worker, _ = self._busy[descriptor]
                self._take(descriptor, worker.hear())
            now = time.monotonic()
            for descriptor, (worker, _) in list(self._busy.items()):
                if worker.deadline < now:
                    self._take(descriptor, worker.overdue())

    def abandon(self) -> None:
        """End the workers that are still at it, after an interruption."""
        for worker, _ in self._busy.values():
            worker.stop()

    def _give(self, worker: WorkerProcess) -> None:
        if not self._waiting:
            return
        index = self._waiting.popleft()
        descriptor = worker.socket.fileno()
        self._busy[descriptor] = worker, index
        self._poll.register(descriptor, select.POLLIN)
        self._take(descriptor, worker.begin(self._tasks[index]))

    def _take(self, descriptor: int, outcome: Outcome | None) -> None:
        if outcome is None:
            return
        worker, index = self._busy.pop(descriptor)
        self._poll.unregister(descriptor)
        self.outcomes[index] = outcome
        if outcome.error is not None:
            self._waiting.clear()
        self._give(worker)


def _cpus() -> int:
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(count, MAX_WORKERS)
