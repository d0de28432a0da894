"""From a folder of scans to results, on a Ray cluster."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..inference.bundle_config import read_bundle_config, reads_images
from ..inference.in_shard import in_shard
from ..inference.shard import Shard
from ..inference.usage_error import UsageError
from ..inference.workers import Workers
from ..ingest.plan_scans import ScanList, plan_scans
from ..records import CaseResult, SeriesPlan
from ..results.sweep_unfinished import sweep_unfinished
from .answer import Done, Ready
from .connected_ray import connected_ray
from .import_ray import import_ray
from .job import Job
from .ray_address import LOCAL, ray_address
from .shared_mark import SharedMark, shared_mark
from .unfinished_plans import unfinished_plans

if TYPE_CHECKING:
    from ..inference.run_writer import RunWriter
    from ..ingest.ingest_options import IngestOptions

_PATIENCE_S = 600.0
"""To wait for a worker: clusters that grow on demand need minutes for a machine."""


def infer_on_ray(
    cluster: str,
    root: Path,
    source: Path,
    output: Path,
    named: Mapping[str, Any],
    device: str = "auto",
    *,
    options: IngestOptions | None = None,
    workers: Workers | None = None,
    progress: bool = True,
    patience_s: float = _PATIENCE_S,
) -> None:
    """Evaluate the scans under ``source`` with workers on a cluster, and write the results to ``output``.

    This process looks at the headers, leaves out what is finished, hands out the rest, and writes the files of the run;
    workers read the scans and write the cases. Both folders must be seen under the same path on all machines. The
    results are those of a run on one machine. Scans whose worker is lost are given to another one; one over which
    three are lost gets a record (``F_WORKER_LOST``).

    Parameters
    ----------
    cluster : see :func:`.ray_address`.
    root : the bundle's folder.
    named : values of the bundle's config by id; ``outputs``, ``overwrite``, ``links`` and ``shard`` among them.
    device : auto, cpu or cuda.
    options : how scans are judged, chosen and named; the defaults where None.
    workers : as many as there is room for, with one processor each, where None.
    progress : show a bar on stderr where that is a terminal.
    patience_s : to wait for a worker while there is none.

    Raises
    ------
    UsageError
        Ray is missing or cannot be reached, the bundle is not for scans, a path is not seen by a node, or there was no
        worker for ``patience_s``; the same command goes on then.
    InputPathError, OutputNotWritable
        As in :func:`.infer`.
    """
    address, workers = ray_address(cluster), workers or Workers()
    import_ray(alone=address == LOCAL)
    config = read_bundle_config(root)
    if reads_images(config):
        raise UsageError("--cluster serves bundles that read scans; this one reads pictures. Run it without.")
    source, output = source.absolute(), output.absolute()
    overrides = {
        **named,
        "dataset_dir": str(source),
        "output_dir": str(output),
        "device": _device(device, workers.gpus),
    }
    with connected_ray(address) as ray, shared_mark(output) as mark:
        from ..import_monai import import_monai

        import_monai()
        began = time.perf_counter()
        shard = None if named.get("shard") is None else Shard.parse(named["shard"])
        scans = in_shard(plan_scans(source, options, exclude=output), shard)
        run = _Run(root, config, overrides, scans, output, mark)
        run.evaluate(ray, source, workers, progress=progress, patience_s=patience_s)
        run.finish(time.perf_counter() - began)


class _Run:
    """One run as its driver sees it."""

    def __init__(
        self,
        root: Path,
        config: Mapping[str, Any],
        overrides: Mapping[str, Any],
        scans: ScanList,
        output: Path,
        mark: SharedMark,
    ) -> None:
        from ..inference.bundle_workflow import BundleWorkflow
        from .hand_over_handler import handing_over, writer_of

        self._root, self._overrides, self._scans = root, overrides, scans
        self._output, self._mark = output, mark
        workflow = BundleWorkflow(root, {**overrides, "device": "cpu", **handing_over(config), "scans": None})
        self._identity = workflow.part("identity")
        self._writer: RunWriter = writer_of(workflow.part("handlers"))
        self._seconds: Counter[str] = Counter()  # by stage, over all cases
        self._computed_on: dict[str, set[str]] = {}  # workers may differ
        self._started = False

    def evaluate(self, ray: Any, source: Path, size: Workers, *, progress: bool, patience_s: float) -> None:
        """Have all that is not finished evaluated."""
        from .crew import Crew
        from .hand_out import hand_out
        from .progress_bar import progress_bar

        left, n_plans = self._left(), len(self._scans.plans)
        model = self._identity.config_hash, self._identity.weights_hash
        job = Job(self._root, source, self._mark, self._overrides, *model, cpus=size.cpus)
        crew = Crew(ray, job, size, patience_s=patience_s)
        with progress_bar(n_plans, n_plans - len(left), shown=progress) as bar:

            def done(plan: SeriesPlan, what: Done | CaseResult) -> None:
                self._take(plan, what)
                bar.update()

            try:
                hand_out(left, crew, began=self._begin, done=done, tick=lambda n: bar.set_postfix(workers=n))
            finally:
                crew.dismiss()

    def finish(self, seconds: float) -> None:
        """Write the files of the run."""
        self._start()
        self._writer.finish(
            self._scans,
            links=self._overrides["links"],
            timings_s={**self._seconds, "total": seconds},
            computed_on={what: ", ".join(sorted(values)) for what, values in self._computed_on.items()},
            shard=self._overrides.get("shard") or "",
        )
        sweep_unfinished(self._output)  # what lost workers left

    def _left(self) -> Sequence[SeriesPlan]:
        if self._overrides["overwrite"]:
            return self._scans.plans
        return unfinished_plans(self._scans.plans, self._output, self._overrides["outputs"], self._identity)

    def _begin(self, ready: Ready) -> None:
        for what, value in ready.computed_on.items():
            self._computed_on.setdefault(what, set()).add(value)
        self._start()

    def _start(self) -> None:
        """Take the output into use, when the first worker has proved the call good: a faulty one costs no results."""
        if not self._started:
            self._started = True
            self._writer.start(self._scans.rejections, overwrite=self._overrides["overwrite"])
            self._mark.renew()

    def _take(self, plan: SeriesPlan, what: Done | CaseResult) -> None:
        if isinstance(what, Done):
            self._seconds.update(what.seconds)
        elif unfinished_plans([plan], self._output, self._overrides["outputs"], self._identity):
            self._writer.write(what, {"plan": plan})


def _device(device: str, gpus: float) -> str:
    """Choose the device of a worker, which sees the GPUs that it was given and no others."""
    if device.startswith("cuda:"):
        raise UsageError("On a cluster the GPUs are given out by Ray: say --device cuda.")
    if device == "cuda" and not gpus:
        raise UsageError("Workers have no GPU: give --cluster-gpus 1, or a part of one, such as 0.5.")
    return ("cuda" if gpus else "cpu") if device == "auto" else device
