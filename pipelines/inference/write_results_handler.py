"""Results on disk, case by case."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from ignite.engine import Engine, Events

from ..records import CaseResult, Origin, Rejection, SeriesPlan, Status
from ..results.finished_cases import finished_cases
from ..results.run_info import RunInfo
from ..results.write_case import write_case
from ..results.write_run import write_run
from .case_failure import unforeseen_failure
from .exit_code import exit_code
from .model_identity import ModelIdentity
from .open_output import open_output
from .scan_reader import ScanReader


class WriteResultsHandler:
    """Ignite handler that writes each case when it is done, and the files of the run at its end.

    Parameters
    ----------
    output_dir : where the results go.
    scans : what was found in the input; its rejections become records, too.
    identity : which model it is; stamped on every record.
    bundle : name of the bundle, for ``run.json``.
    overwrite : remove the results of an earlier run first.
    links : write ``private/links.csv``, which ties each case to its file and series.
    """

    def __init__(
        self,
        output_dir: str | Path,
        scans: ScanReader,
        identity: ModelIdentity,
        *,
        bundle: str,
        overwrite: bool = False,
        links: bool = True,
    ) -> None:
        self._output = Path(str(output_dir))
        self._scans = scans
        self._identity = identity
        self._bundle = bundle
        self._overwrite = overwrite
        self._links = links
        self._began = 0.0
        self._seconds: Counter[str] = Counter()  # by stage, over all cases

    def attach(self, engine: Engine) -> None:
        """Register with the engine."""
        engine.add_event_handler(Events.STARTED, self._start)
        engine.add_event_handler(Events.ITERATION_COMPLETED, self._write)
        engine.add_event_handler(Events.COMPLETED, self._finish)

    def _start(self, engine: Any) -> None:
        self._began = time.perf_counter()
        open_output(self._output, overwrite=self._overwrite)
        for rejection in self._scans.scans.rejections:
            write_case(self._output, self._stamp(_record(rejection)), None)

    def _write(self, engine: Any) -> None:
        began = time.perf_counter()
        result, case = engine.state.output["result"], engine.state.batch
        volume = case.get("volume") if result.status in ("ok", "warned") else None
        try:
            write_case(self._output, self._stamp(result), volume)
        except ValueError as error:  # what cannot be encoded is this case's fault; a full disk is everybody's
            write_case(self._output, self._stamp(unforeseen_failure(case["plan"], "F_WRITE", error)), None)
        self._seconds.update({**result.timings_s, "write": time.perf_counter() - began})

    def _finish(self, engine: Any) -> None:
        scans = self._scans.scans
        cases: tuple[SeriesPlan | Rejection, ...] = (*scans.plans, *scans.rejections)
        here = {case.case_id: case.origin for case in cases}
        run = RunInfo(
            bundle=self._bundle,
            exit_code=exit_code(self._statuses(here)),
            config_hash=self._identity.config_hash,
            weights_hash=self._identity.weights_hash,
            device=str(engine.state.device),
            versions=self._identity.versions,
            timings_s={**self._seconds, "total": time.perf_counter() - self._began},
            skipped=scans.skipped,
        )
        write_run(self._output, run, links=here if self._links else None)

    def _statuses(self, cases: dict[str, Origin]) -> Iterable[Status]:
        return [record.status for case_id, record in finished_cases(self._output).items() if case_id in cases]

    def _stamp(self, result: CaseResult) -> CaseResult:
        identity = self._identity
        return replace(
            result,
            config_hash=identity.config_hash,
            weights_hash=identity.weights_hash,
            versions=identity.versions,
        )


def _record(rejection: Rejection) -> CaseResult:
    return CaseResult(
        case_id=rejection.case_id,
        status=rejection.status,
        codes=(rejection.code, *rejection.codes),
        reason=rejection.reason,
        n_files=rejection.n_files,
        origin=rejection.origin,
    )
