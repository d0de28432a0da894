"""Scans read ahead of the network."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from pathlib import Path
from queue import SimpleQueue

from ..ingest.ingest_options import IngestOptions
from ..ingest.plan_scans import ScanList, plan_scans
from ..records import SeriesPlan
from ..results.case_files import CASE_FILES
from ..results.case_record import CaseRecord
from ..results.finished_cases import finished_cases
from .agrees import Hashes, agrees
from .in_shard import in_shard
from .keep_apart import keep_apart
from .plan_digest import plan_digest
from .read_scan import ReadScan, read_scan
from .shard import Shard


class ScanReader:
    """Plan the scans of a folder, then read them one by one in a background thread.

    While the network works on one scan the next one is read, and never more than that one. Iterating yields a
    :class:`ReadScan` per planned scan that is not finished yet. A scan that cannot be read is yielded with its record;
    it stops nobody.

    Nothing is read before :meth:`start` (or the first use), so that a config with a folder that is not there can be
    built. Neither torch nor MONAI is needed: the command starts the reader while those are being imported.

    Parameters
    ----------
    dataset_dir : a scan, or a folder of any depth.
    output_dir : where the results go; never read as input, though it may lie inside ``dataset_dir``. Where it is
        ``dataset_dir``, or its cases hold that, planning raises OutputNotWritable.
    hashes : called for what finished cases must agree with; only when there is one. None reads every scan.
    overwrite : read finished cases, too.
    outputs : kinds of files that a finished case must have been written with.
    options : how scans are judged, chosen and named; the defaults where None.
    shard : take this part of the cases, as I/N; all of them where None. The headers of all are read all the same.
    """

    def __init__(
        self,
        dataset_dir: str | Path,
        output_dir: str | Path | None = None,
        *,
        hashes: Callable[[], Hashes] | None = None,
        overwrite: bool = False,
        outputs: Sequence[str] = (),
        options: IngestOptions | None = None,
        shard: str | None = None,
    ) -> None:
        self.shard = None if shard is None else Shard.parse(shard)
        self._root = Path(str(dataset_dir))
        self._output = None if output_dir is None else Path(str(output_dir))
        self._hashes = None if overwrite else hashes
        self._outputs = frozenset(outputs) & {file.output for file in CASE_FILES}  # files of the run need no scan
        self._options = options
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
            self._planned.set_result(self._plan())
            self._read_all(self._planned.result().plans)
        except BaseException as error:  # noqa: BLE001  # it belongs to the thread that waits for the scans
            if not self._planned.done():
                self._planned.set_exception(error)
            self._queue.put(error)
        self._queue.put(None)

    def _plan(self) -> ScanList:
        if self._output is not None:
            keep_apart(self._root, self._output)
        return in_shard(plan_scans(self._root, self._options, exclude=self._output), self.shard)

    def _read_all(self, plans: Sequence[SeriesPlan]) -> None:
        records = {} if self._output is None or self._hashes is None else finished_cases(self._output)
        for plan in plans:
            if plan.case_id in records and self._agrees(records[plan.case_id], plan):
                continue
            self._room.acquire()
            if self._closed.is_set():
                return
            self._queue.put(read_scan(plan))

    def _agrees(self, record: CaseRecord, plan: SeriesPlan) -> bool:
        return self._hashes is not None and agrees(record, plan_digest(plan), self._outputs, self._hashes())
