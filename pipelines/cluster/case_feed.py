"""Scans to the engine of a worker, and computed cases from it."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Any

from ..inference.read_scan import ReadScan
from ..inference.result_form import Case

Computed = tuple[Any, Case]


class CaseFeed:
    """Stand between the threads that read and write scans and the one that computes them, in the order they come.

    Iterating, which is the engine's part, waits for scans and ends when the feed is closed.
    """

    def __init__(self) -> None:
        self._scans: SimpleQueue[ReadScan | None] = SimpleQueue()
        self._waiting: deque[Future[Computed]] = deque()
        self._lock = threading.Lock()
        self._fault: BaseException | None = None

    def check(self) -> None:
        """Raise whatever ended the engine, if anything did."""
        if self._fault is not None:
            raise self._fault

    def compute(self, scan: ReadScan) -> Computed:
        """Have a scan computed; give its result and, where that has something to show, the case.

        Raises whatever ended the engine.
        """
        computed: Future[Computed] = Future()
        with self._lock:
            self.check()
            self._waiting.append(computed)
            self._scans.put(scan)
        del scan  # the engine's from here on
        return computed.result()

    def __iter__(self) -> Iterator[ReadScan]:
        while (scan := self._scans.get()) is not None:
            yield scan
            del scan  # let go of this one while waiting for the next

    def deliver(self, result: Any, case: Case) -> None:
        """Hand over the scan that has waited longest."""
        self._waiting.popleft().set_result((result, case))

    def fail(self, error: BaseException) -> None:
        """End all waiting, now and later."""
        with self._lock:
            self._fault = error
            while self._waiting:
                self._waiting.popleft().set_exception(error)
