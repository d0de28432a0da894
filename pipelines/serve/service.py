"""The parts of the service at work."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

from ..inference.exit_code import ExitCode
from ..name_fault import name_fault
from .clear_old import clear_old
from .evaluate_study import evaluate_study
from .heartbeat import beat
from .inbox import Inbox
from .keyed_name import own_key
from .open_queue import KEY, open_database, open_queue, received
from .pull_dicomweb import DicomwebPull
from .pull_ledger import PullLedger
from .queue_quiet_studies import queue_quiet_studies, queue_study
from .send_study import send_study
from .serve_config import ServeConfig
from .serve_log import LOG, without_fault
from .study import Study

_TICK_S = 0.5
_BEAT_S = 5.0
_CLEAR_S = 60.0
_GIB = 2**30


class Service:
    """Runs, sends and pulls, each in a thread of its own; the caller's thread looks after the queue.

    Parameters
    ----------
    end : set when the service is told to end; a run that goes on is ended and queued again.
    once : end when there is nothing left to do.
    """

    def __init__(self, config: ServeConfig, end: threading.Event, *, once: bool) -> None:
        self._config = config
        self._end = end
        self._once = once
        self._started = time.time()
        self._key = own_key(config.folder / KEY)
        self.inbox = Inbox(received(config), self._key, min_free_bytes=config.min_free_gb * _GIB)
        self._database = open_database(config)
        self._queue = open_queue(self._database, config)
        self._ledger = PullLedger(self._database, quiet_s=config.quiet_s, retry_s=config.retry_s)
        self._to_pull = 0 if config.pull is None else 1
        self._pulled_all = True
        self._beat_at = self._clear_at = 0.0

    def close(self) -> None:
        """Close the queue."""
        self._database.close()

    def work(self) -> ExitCode:
        """Do everything there is to do, or go on until told to end."""
        self._queue.recover()
        self._queue.hurry()
        threads = [threading.Thread(target=self._keep_doing, args=part) for part in self._parts()]
        for thread in threads:
            thread.start()
        try:
            while not self._end.is_set() and all(thread.is_alive() for thread in threads):
                waiting = without_fault("queue", self._look_after, 1)
                if self._once and waiting == 0 and self._is_empty():
                    break
                self._end.wait(_TICK_S)
            died = not all(thread.is_alive() for thread in threads) and not self._end.is_set()
        finally:
            self._end.set()
            for thread in threads:
                thread.join()
            without_fault("queue", self._clear, None)
        return ExitCode.INTERNAL if died else self._code()

    def _parts(self) -> list[tuple[str, Callable[[], bool], float]]:
        parts = [("run", self._run_next, _TICK_S), ("sending", self._send_next, _TICK_S)]
        pull = self._config.pull
        if pull is not None:
            pause = max(min(pull.poll_s, self._config.quiet_s), _TICK_S) if self._once else pull.poll_s
            parts.append(("pull", self._look_for_studies, pause))
        return parts

    def _keep_doing(self, what: str, step: Callable[[], bool], pause_s: float) -> None:
        """Repeat a step, with a pause where it found nothing to do."""
        while not self._end.is_set():
            if not without_fault(what, step, False):
                self._end.wait(pause_s)

    def _look_after(self) -> int:
        """Give signs of life, queue what is complete, clear away; return how many studies may still grow."""
        now = time.monotonic()
        if now >= self._beat_at:
            beat(self._database)
            self._beat_at = now + _BEAT_S
        pulls = self._config.pull is not None  # else nothing would ever complete what an earlier one began
        waiting = queue_quiet_studies(
            self.inbox,
            self._queue,
            quiet_s=self._config.quiet_s,
            started=self._started,
            incomplete=self._ledger.incomplete() if pulls else (),
            overdue=self._ledger.overdue() if pulls else (),
        )
        if now >= self._clear_at:
            self._clear_at = now + _CLEAR_S
            self._clear()
        return waiting

    def _clear(self) -> None:
        if self.inbox.is_full():
            LOG.error("the disk is full: nothing is taken in, and nothing run")
        sent = self._config.send is not None
        clear_old(self.inbox, self._results, self._queue, keep_days=self._config.keep_days, sent=sent)

    def _run_next(self) -> bool:
        if self.inbox.is_full():
            return False
        self._queue.recover()  # whatever is running now is what a fault left so: runs are one at a time, and here
        study = self._queue.take()
        if study is None:
            return False
        try:
            evaluate_study(
                study,
                self.inbox.folder / study.name,
                self._results / study.name,
                self._queue,
                run=self._config.run,
                id_key=self._config.folder / KEY,
                digest=lambda: self.inbox.digest(study.name),
                go_on=self._goes_on,
            )
        except OSError as error:
            self._queue.put_off(study.name, name_fault(error))
            raise
        except Exception as error:
            self._queue.try_again(study, name_fault(error))
            raise
        return True

    def _send_next(self) -> bool:
        study = self._queue.unsent()
        if study is None:
            return False
        try:
            send_study(study, self._results / study.name, self._queue, target=self._config.send, key=self._key)
        except Exception as error:
            self._queue.send_again(study, name_fault(error))
            raise
        return True

    def _look_for_studies(self) -> bool:
        assert self._config.pull is not None
        pull = DicomwebPull(self._config.pull, self.inbox, self._ledger, complete=self._retrieved, go_on=self._goes_on)
        seen = without_fault("pull", pull.look, None)
        self._pulled_all &= seen is not None and seen.all_good
        self._to_pull = 0 if seen is None else seen.n_waiting
        return False

    def _retrieved(self, name: str) -> None:
        came_ns = self.inbox.studies().get(name)
        if came_ns is not None:  # a CT series may hold no CT, but Secondary Capture
            queue_study(self.inbox, self._queue, name, came_ns)

    def _goes_on(self) -> bool:
        return not self._end.is_set()

    @property
    def _results(self) -> Path:
        return self._config.folder / "results"

    def _is_empty(self) -> bool:
        """Say whether nothing is left to do in a call that does things once."""
        if self.inbox.is_full():
            return True
        return self._to_pull == 0 and not any(map(_is_open, self._queue.studies()))

    def _code(self) -> ExitCode:
        if not self._once:
            return ExitCode.OK
        left = any(
            study.state != "done" and (study.state != "failed" or study.changed_at >= self._started)
            for study in self._queue.studies()
        )
        return ExitCode.SOME_NOT_DONE if left or not self._pulled_all else ExitCode.OK


def _is_open(study: Study) -> bool:
    """Say whether more is tried of it now; not of what was put off, or could not be sent."""
    if study.state == "queued":
        return study.attempts > 0 or not study.reason
    return study.state == "running" or (study.state == "sending" and study.attempts == 0)
