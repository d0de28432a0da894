"""Results on disk, case by case."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ignite.engine import Engine, Events

from ..results.clear_output import clear_output
from ..results.output_not_writable import OutputNotWritable
from ..results.outputs import DEFAULT_OUTPUTS
from ..results.remove_cases import remove_cases
from ..results.renew_choice import renew_choice
from ..results.run_info import RunInfo
from ..root_cause import root_cause
from .exit_code import exit_code
from .images.image_reader import ImageReader
from .model_identity import ModelIdentity
from .open_output import open_output
from .result_form import ResultForm
from .scan_form import scan_form
from .scan_reader import ScanReader

_DONE = ("ok", "warned")


class WriteResultsHandler:
    """Ignite handler that writes each case when it is done, and the files of the run at its end.

    The files of the run list the cases of this run's input and no others, whichever run did them: a resumed run ends
    like an undisturbed one. Of other cases in the folder, those with findings stay as they are; records of scans that
    were rejected or failed, and that the input no longer holds, are removed.

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
        self._form = form or scan_form()
        self._output = Path(str(output_dir))
        self._scans = scans
        self._identity = identity
        self._bundle = bundle
        self._outputs = self._form.checked_outputs(outputs)
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
        rejections = self._scans.scans.rejections  # first: an input that cannot be read costs no results
        open_output(self._output)
        if self._overwrite:
            clear_output(self._output)
        for rejection in rejections:
            self._form.write_case(self._output, self._stamp(self._form.rejected(rejection)), None)

    def _write(self, engine: Any) -> None:
        began = time.perf_counter()
        result, case = engine.state.output["result"], engine.state.batch
        shown = {**case, **engine.state.output} if result.status in _DONE else None
        try:
            self._form.write_case(self._output, self._stamp(result), shown)
        except OutputNotWritable:  # a full disk is everybody's fault
            raise
        except Exception as error:  # noqa: BLE001  # what cannot be encoded is this case's
            code = "F_OUT_OF_MEMORY" if isinstance(root_cause(error), MemoryError) else "F_WRITE"
            self._form.write_case(self._output, self._stamp(self._form.failed(case["plan"], code, error)), None)
        self._seconds.update({**result.timings_s, "write": time.perf_counter() - began})

    def _finish(self, engine: Any) -> None:
        scans = self._scans.scans
        plans = {plan.case_id: plan.origin for plan in scans.plans}
        here = plans | {case.case_id: case.origin for case in scans.rejections}
        records = dict(self._form.finished(self._output))
        gone = [case_id for case_id, record in records.items() if case_id not in here and record.status not in _DONE]
        remove_cases(self._output, gone)
        for plan in scans.plans:  # a finished case may have been taken by other rules
            if plan.case_id in records and records[plan.case_id].choice != plan.choice:
                renew_choice(self._output, plan.case_id, plan.choice)
                records[plan.case_id] = replace(records[plan.case_id], choice=plan.choice)
        cases = [record for case_id, record in records.items() if case_id in here]
        run = RunInfo(
            bundle=self._bundle,
            exit_code=exit_code(case.status for case in cases),
            config_hash=self._identity.config_hash,
            weights_hash=self._identity.weights_hash,
            device=str(engine.state.device),
            versions=self._identity.versions,
            timings_s={**self._seconds, "total": time.perf_counter() - self._began},
            skipped=scans.skipped,
            outputs=self._outputs,
        )
        self._form.write_run(self._output, run, cases, here if self._links else None)

    def _stamp(self, result: Any) -> Any:
        identity = self._identity
        return replace(
            result,
            config_hash=identity.config_hash,
            weights_hash=identity.weights_hash,
            versions=identity.versions,
            bundle=self._bundle,
            outputs=self._outputs,
        )
