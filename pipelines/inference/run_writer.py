"""The output folder of a run: its start, its cases, its end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..images.plan_images import ImageList
from ..ingest.plan_scans import ScanList
from ..records import Origin
from ..results.clear_output import clear_output
from ..results.output_not_writable import OutputNotWritable, writing
from ..results.outputs import DEFAULT_OUTPUTS
from ..results.remove_cases import remove_cases
from ..results.renew_choice import renew_choice
from ..results.run_info import RunInfo
from ..root_cause import root_cause
from .exit_code import exit_code
from .model_identity import ModelIdentity
from .open_output import open_output
from .result_form import Case, ResultForm

DONE = ("ok", "warned")


class RunWriter:
    """Write the cases of a run, whoever computes them, and at its end the files that list them.

    The files of the run list the cases of its input and no others, whichever run did them: a resumed run ends like an
    undisturbed one. Of other cases in the folder, those with findings stay as they are; records of scans that were
    rejected or failed, and that the input no longer holds, are removed.

    Parameters
    ----------
    output_dir : where the results go.
    identity : which model it is; stamped on every record.
    form : the kind of cases.
    bundle : name of the bundle, for ``run.json``.
    outputs : the kinds of files to write; see :mod:`resmtnet.pipelines.results.outputs`.
    """

    def __init__(
        self,
        output_dir: str | Path,
        identity: ModelIdentity,
        form: ResultForm,
        *,
        bundle: str,
        outputs: Sequence[str] = DEFAULT_OUTPUTS,
    ) -> None:
        self._output = Path(str(output_dir))
        self._identity = identity
        self._form = form
        self._bundle = bundle
        self._outputs = form.checked_outputs(outputs)

    def start(self, rejections: Sequence[Any], *, overwrite: bool = False) -> None:
        """Take the folder into use, and write the records of what was rejected.

        ``overwrite`` removes the results of an earlier run.
        """
        open_output(self._output)
        with writing(self._output):
            (self._output / "run.json").unlink(missing_ok=True)  # until this run ends there is none
        if overwrite:
            clear_output(self._output)
        for rejection in rejections:
            self._write(self._form.rejected(rejection))

    def write(self, result: Any, case: Case) -> None:
        """Write the folder of a case; one that cannot be encoded leaves the record of its failure.

        Raises
        ------
        OutputNotWritable
            The disk is full or may not be written, which is everybody's fault.
        """
        try:
            self._write(result, case if result.status in DONE else None)
        except OutputNotWritable:
            raise
        except Exception as error:  # noqa: BLE001  # what cannot be encoded is this case's
            code = "F_OUT_OF_MEMORY" if isinstance(root_cause(error), MemoryError) else "F_WRITE"
            self._write(self._form.failed(case["plan"], code, error))

    def finish(
        self,
        scans: ScanList | ImageList,
        *,
        links: bool,
        timings_s: Mapping[str, float],
        computed_on: Mapping[str, str],
        shard: str = "",
    ) -> None:
        """Write the files of the run.

        Parameters
        ----------
        scans : what the input holds.
        links : write ``private/links.csv``, which ties each case to its file and series; False removes an earlier one.
        timings_s : seconds of the whole run, by stage.
        computed_on : the device, and what else is said of where the run was computed.
        shard : the part of the input that this run was, as I/N.
        """
        origins: dict[str, Origin] = {case.case_id: case.origin for case in (*scans.plans, *scans.rejections)}
        records = dict(self._form.finished(self._output))
        gone = [case_id for case_id, record in records.items() if case_id not in origins and record.status not in DONE]
        remove_cases(self._output, gone)
        for plan in scans.plans:  # a finished case may have been taken by other rules
            if plan.case_id in records and records[plan.case_id].choice != plan.choice:
                renew_choice(self._output, plan.case_id, plan.choice)
                records[plan.case_id] = replace(records[plan.case_id], choice=plan.choice)
        if lost := origins.keys() - records.keys():
            raise RuntimeError(f"{len(lost)} cases have no record: run the same command again")
        cases = [record for case_id, record in records.items() if case_id in origins]
        run = RunInfo(
            bundle=self._bundle,
            exit_code=exit_code((case.status for case in cases), complete=not scans.skipped.get("I_OVER_LIMIT")),
            config_hash=self._identity.config_hash,
            weights_hash=self._identity.weights_hash,
            versions=self._identity.versions,
            timings_s=timings_s,
            skipped=scans.skipped,
            outputs=self._outputs,
            shard=shard,
            all_cases_hash=scans.all_cases_hash,
            **computed_on,
        )
        self._form.write_run(self._output, run, cases, origins if links else None)

    def _write(self, result: Any, case: Case | None = None) -> None:
        identity = self._identity
        stamped = replace(
            result,
            config_hash=identity.config_hash,
            weights_hash=identity.weights_hash,
            versions=identity.versions,
            bundle=self._bundle,
            outputs=self._outputs,
        )
        self._form.write_case(self._output, stamped, case)
