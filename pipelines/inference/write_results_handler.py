"""Results on disk, case by case."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from ignite.engine import Engine, Events

from ..results.outputs import DEFAULT_OUTPUTS
from .images.image_reader import ImageReader
from .model_identity import ModelIdentity
from .result_form import Case, ResultForm
from .run_writer import DONE, RunWriter
from .scan_form import scan_form
from .scan_reader import ScanReader
from .write_behind import WriteBehind


class WriteResultsHandler:
    """Ignite handler that writes each case when it is done, and the files of the run at its end.

    A case is written while the next one is computed; a third one is being read meanwhile, and no more are in memory.
    For what stays of an earlier run see :class:`.RunWriter`.

    Parameters
    ----------
    output_dir : where the results go.
    scans : what was found in the input; its rejections become records, too.
    identity : which model it is; stamped on every record.
    bundle : name of the bundle, for ``run.json``.
    overwrite : remove the results of an earlier run when this one starts, which is after its input was planned.
    outputs : the kinds of files to write; see :mod:`resmtnet.pipelines.results.outputs`.
    links : write ``private/links.csv``, which ties each case to its file and series; False removes an earlier one.
    form : the kind of cases; scans unless given.
    """

    def __init__(
        self,
        output_dir: str | Path,
        scans: ScanReader | ImageReader,
        identity: ModelIdentity,
        *,
        bundle: str,
        outputs: Sequence[str] = DEFAULT_OUTPUTS,
        overwrite: bool = False,
        links: bool = True,
        form: ResultForm | None = None,
    ) -> None:
        self._scans = scans
        self._writer = RunWriter(output_dir, identity, form or scan_form(), bundle=bundle, outputs=outputs)
        self._overwrite = overwrite
        self._links = links
        self._began = 0.0
        self._behind = WriteBehind()
        self._seconds: Counter[str] = Counter()  # by stage, over all cases

    def attach(self, engine: Engine) -> None:
        """Register with the engine."""
        engine.add_event_handler(Events.STARTED, self._start)
        engine.add_event_handler(Events.ITERATION_COMPLETED, self._write)
        engine.add_event_handler(Events.COMPLETED, self._finish)

    def _start(self, engine: Any) -> None:
        self._began = time.perf_counter()
        rejections = self._scans.scans.rejections  # first: an input that cannot be read costs no results
        self._writer.start(rejections, overwrite=self._overwrite)

    def _write(self, engine: Any) -> None:
        result, case = engine.state.output["result"], engine.state.batch
        shown = {**case, **engine.state.output} if result.status in DONE else {"plan": case["plan"]}
        self._behind.submit(partial(self._write_case, result, shown))

    def _write_case(self, result: Any, case: Case) -> None:
        began = time.perf_counter()
        self._writer.write(result, case)
        self._seconds.update({**result.timings_s, "write": time.perf_counter() - began})

    def _finish(self, engine: Any) -> None:
        self._behind.wait()
        scans = self._scans.scans
        self._writer.finish(
            scans,
            links=self._links,
            timings_s={**self._seconds, "total": time.perf_counter() - self._began},
            computed_on=engine.computed_on,
            shard=str(self._scans.shard or ""),
        )
