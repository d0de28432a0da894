"""Scans read ahead of the network."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from queue import SimpleQueue
from typing import Protocol

from ..ingest import IngestError, ScanList, plan_scans, read_volume
from ..ingest.plan_scans import MIN_SLICES
from ..records import SeriesPlan
from .case_failure import case_failure, name_fault
from .read_scan import ReadScan


class Hashes(Protocol):
    """What a finished case must agree with, to be left alone."""

    @property
    def config_hash(self) -> str: ...
    @property
    def weights_hash(self) -> str: ...


class ScanReader:
    """Plan the scans of a folder, then read them one by one in a background thread.

    While the network works on one scan the next one is read, and never more than that one, so that two volumes are the
    most there is in memory. Iterating yields a :class:`ReadScan` per planned scan that is not finished yet. A scan that
    cannot be read is yielded with its record; it stops nobody.

    Nothing is read before :meth:`start` (or the first use), so that a config with a folder that is not there can be
    built. Neither torch nor MONAI is needed: the command starts the reader while those are being imported.

    Parameters
    ----------
    dataset_dir : a scan, or a folder of any depth.
    output_dir : where the results go; never read as input, though it may lie inside ``dataset_dir``.
    hashes : called for what finished cases must agree with; only when there is one. None reads every scan.
    overwrite : read finished cases, too.
    min_slices : a volume has at least so many slices.
    """

    def __init__(
        self,
        dataset_dir: str | Path,
        output_dir: str | Path | None = None,
        *,
        hashes: Callable[[], Hashes] | None = None,
        overwrite: bool = False,
        min_slices: int = MIN_SLICES,
    ) -> None:
        self._root = Path(str(dataset_dir))
        self._output = None if output_dir is None else Path(str(output_dir))
        self._hashes = None if overwrite else hashes
        self._min_slices = min_slices
        self._planned: Future[ScanList] = Future()
        self._queue: SimpleQueue[ReadScan | BaseException | None] = SimpleQueue()
        self._room = threading.Semaphore(1)
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to plan and read; does nothing the second time."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="scan-reader", daemon=True)
            self._thread.start()

    @property
    def scans(self) -> ScanList:
        """Everything that was found, once it is planned."""
        self.start()
        return self._planned.result()

    def __iter__(self) -> Iterator[ReadScan]:
        self.start()
        while (item := self._queue.get()) is not None:
            self._room.release()
            if isinstance(item, BaseException):
                raise item
            yield item
            del item  # the next scan is being read: let go of this one while waiting

    def close(self) -> None:
        """Stop after the scan that is being read."""
        self._closed.set()
        self._room.release()

    def _run(self) -> None:
        try:
            self._planned.set_result(plan_scans(self._root, min_slices=self._min_slices))
            for plan in self._planned.result().plans:
                self._room.acquire()
                if self._closed.is_set():
                    break
                if self._is_finished(plan.case_id):
                    self._room.release()
                else:
                    self._queue.put(_read(plan))
        except BaseException as error:  # noqa: BLE001  # it belongs to the thread that waits for the scans
            if not self._planned.done():
                self._planned.set_exception(error)
            self._queue.put(error)
        self._queue.put(None)


def _read(plan: SeriesPlan) -> ReadScan:
    began = time.perf_counter()
    try:
        volume = read_volume(plan)
    except IngestError as error:
        failure = case_failure(plan, error.code, error.reason, error.status)
    except Exception as error:  # noqa: BLE001  # one bad scan never stops the rest
        failure = case_failure(plan, "F_READ", f"The scan could not be read: {name_fault(error)}.")
    else:
        return ReadScan(plan, volume, None, time.perf_counter() - began)
    return ReadScan(plan, None, failure, time.perf_counter() - began)
