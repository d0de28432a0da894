"""The workers of a run."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..inference.usage_error import UsageError
from ..inference.workers import Workers
from ..records import SeriesPlan
from .answer import Done, Ready, Refusal
from .assignments import PER_WORKER
from .case_worker import CaseWorker
from .job import Job

_LOOK_S = 5.0
"""Between looks at how much room the cluster has, and between a loss at the start and the next try."""

_ROUNDING = 1e-6  # 1.0 // 0.1 is 9

_MAX_FAILED_STARTS = 5  # in a row


@dataclass(eq=False)
class Worker:
    """One of them, as the driver knows it; ``calls`` are its open answers, None the one that it is ready."""

    handle: Any
    calls: dict[Any, SeriesPlan | None] = field(default_factory=dict)
    ready: bool = False

    @property
    def held(self) -> tuple[SeriesPlan, ...]:
        """The plans that it works on."""
        return tuple(plan for plan in self.calls.values() if plan is not None)


@dataclass(frozen=True)
class Event:
    """What a worker answered to a plan (None: to its start). No answer stands for its loss, with all it held."""

    answer: Ready | Done | None
    held: tuple[SeriesPlan, ...]


class Crew:
    """Workers on a Ray cluster: started where there is room, and replaced when they are lost.

    Ray itself tries nothing again: what became of a plan is known here alone.

    Parameters
    ----------
    ray : the connected module.
    patience_s : to wait for a first worker that is ready, and for another one when all are lost.
    """

    def __init__(self, ray: Any, job: Job, size: Workers, *, patience_s: float) -> None:
        self._ray = ray
        self._job = ray.put(job)
        self._size = size
        self._patience_s = patience_s
        self._workers: list[Worker] = []
        self._room = 0
        self._look_again = 0.0
        self._failed_starts = 0
        self._give_up = time.monotonic() + patience_s
        self._actor = ray.remote(CaseWorker).options(
            name=None,
            num_cpus=size.cpus,
            num_gpus=size.gpus,
            max_restarts=0,
            max_task_retries=0,
            max_concurrency=PER_WORKER,
            scheduling_strategy="SPREAD",
        )

    @property
    def ready(self) -> Sequence[Worker]:
        """Those that can be given plans."""
        return [worker for worker in self._workers if worker.ready]

    def staff(self, n_plans: int) -> None:
        """Start workers as far as there is room and work for them.

        Raises
        ------
        UsageError
            None is there, and none came for too long.
        """
        now = time.monotonic()
        if self.ready:
            self._give_up = now + self._patience_s
        elif now > self._give_up:
            raise UsageError(
                f"The cluster has had no worker for {self._patience_s:.0f} s (asked for: {self._size.cpus} CPUs, "
                f"{self._size.gpus:g} GPUs each). The same command goes on where it stopped."
            )
        if self._failed_starts >= _MAX_FAILED_STARTS and not self._workers:
            raise UsageError(
                f"{self._failed_starts} workers ended before they were ready. Check that resmtnet[cluster] of the same "
                "version is installed on all nodes, and that they have memory to spare."
            )
        if now < self._look_again:
            return
        self._look_again = now + _LOOK_S
        room = self._find_room() if self._size.number is None else self._size.number
        for _ in range(len(self._workers), min(max(room, 1), n_plans)):
            worker = Worker(self._actor.remote(self._job))
            worker.calls[worker.handle.start.options(name="start").remote()] = None
            self._workers.append(worker)

    def give(self, worker: Worker, plan: SeriesPlan) -> None:
        """Have a worker evaluate a plan."""
        worker.calls[worker.handle.evaluate.options(name=plan.case_id).remote(plan)] = plan

    def wait(self, timeout_s: float) -> list[Event]:
        """Wait for answers and losses, and tell of all that there are.

        Raises
        ------
        UsageError, InputPathError, OutputNotWritable, RuntimeError
            A worker found that nobody can go on.
        """
        calls = {call: worker for worker in self._workers for call in worker.calls}
        if not calls:
            time.sleep(timeout_s)
            return []
        done, _ = self._ray.wait(list(calls), num_returns=len(calls), timeout=0)
        if not done:
            done, _ = self._ray.wait(list(calls), num_returns=1, timeout=timeout_s)
        answers = {call: self._answer(call) for call in done}
        events = [self._take(calls[call], call, answer) for call, answer in answers.items() if answer is not None]
        lost = dict.fromkeys(calls[call] for call, answer in answers.items() if answer is None)
        return [*events, *(self._lose(worker) for worker in lost)]

    def dismiss(self) -> None:
        """End them all."""
        for worker in self._workers:
            self._ray.kill(worker.handle)
        self._workers = []

    def _find_room(self) -> int:
        return sum(_room_of(node["Resources"], self._size) for node in self._ray.nodes() if node["Alive"])

    def _answer(self, call: Any) -> Ready | Done | Refusal | None:
        try:
            answer: Ready | Done | Refusal = self._ray.get(call)
        except self._ray.exceptions.RayError:  # its process, its node, or the way to it
            return None
        return answer

    def _take(self, worker: Worker, call: Any, answer: Ready | Done | Refusal) -> Event:
        plan = worker.calls.pop(call)
        if isinstance(answer, Refusal):
            answer.raise_it()
        worker.ready, self._failed_starts = True, 0
        return Event(answer, () if plan is None else (plan,))

    def _lose(self, worker: Worker) -> Event:
        self._ray.kill(worker.handle)  # one that only cannot be reached shall not go on
        self._workers.remove(worker)
        self._failed_starts += not worker.ready
        self._look_again = 0.0 if worker.ready else time.monotonic() + _LOOK_S
        return Event(None, worker.held)


def _room_of(resources: Mapping[str, float], size: Workers) -> int:
    by_cpu = resources.get("CPU", 0.0) // size.cpus
    by_gpu = resources.get("GPU", 0.0) / size.gpus + _ROUNDING if size.gpus else by_cpu
    return int(min(by_cpu, by_gpu))
