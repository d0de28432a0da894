"""``run.json``: how the run was made and what came of it, in numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from .case_record import CaseRecord
from .plain_json import plain_json
from .research_use import RESEARCH_USE
from .run_info import RunInfo

RUN_SCHEMA_VERSION = 4


def run_json(cases: Sequence[CaseRecord], run: RunInfo) -> bytes:
    """Encode the run; the counts are over ``cases``."""
    return plain_json(
        {
            "schema_version": RUN_SCHEMA_VERSION,
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
            "exit_code": run.exit_code,
            "case_ids": sorted(case.case_id for case in cases),
            "n_cases": len(cases),
            "n_findings": sum(len(case.findings) for case in cases),
            "cases_by_status": Counter(case.status for case in cases),
            "cases_by_code": Counter(code for case in cases for code in set(case.codes)),
            "skipped_by_code": dict(run.skipped),
        }
    )
