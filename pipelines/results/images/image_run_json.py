"""``run.json`` of a run of an image bundle."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ..plain_json import plain_json
from ..research_use import RESEARCH_USE
from ..run_info import RunInfo
from .image_case_json import IMAGE_KIND
from .image_record import ImageRecord

_DONE = ("ok", "warned")

IMAGE_RUN_SCHEMA_VERSION = 3


def image_run_json(cases: Sequence[ImageRecord], run: RunInfo) -> bytes:
    """Encode the run; the counts are over ``cases``."""
    return plain_json(
        {
            "schema_version": IMAGE_RUN_SCHEMA_VERSION,
            "kind": IMAGE_KIND,
            "note": RESEARCH_USE,
            "bundle": run.bundle,
            "outputs": run.outputs,
            "config_hash": run.config_hash,
            "weights_hash": run.weights_hash,
            "device": run.device,
            "backend": run.backend,
            "precision": run.precision,
            "shard": run.shard,
            "all_cases_hash": run.all_cases_hash,
            "versions": dict(run.versions),
            "timings_s": dict(run.timings_s),
            "exit_code": int(run.exit_code),
            "case_ids": sorted(case.case_id for case in cases),
            "n_cases": len(cases),
            "n_pictures": sum(len(case.pictures) for case in cases),
            "cases_by_status": Counter(case.status for case in cases),
            "cases_by_code": Counter(code for case in cases for code in set(case.codes)),
            "cases_by_class": Counter(case.predicted for case in cases if case.status in _DONE),
            "skipped_by_code": dict(run.skipped),
        }
    )
