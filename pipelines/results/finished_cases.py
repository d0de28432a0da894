"""Read back which cases are done."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import get_args

from ..records import Status
from .case_json import SCHEMA_VERSION
from .case_record import CaseRecord


def finished_cases(output: Path) -> Mapping[str, CaseRecord]:
    """Return the record of every case whose ``case.json`` is there, whole and of this version, sorted by case id.

    Failed cases are among them (``status``): whether to try them again is the caller's choice, as is what to make of
    another ``config_hash``, ``weights_hash``, ``plan_digest`` or ``input_digest``.
    """
    records = (_read(folder) for folder in sorted((output / "cases").glob("[!.]*")))
    return {record.case_id: record for record in records if record is not None}


def _read(folder: Path) -> CaseRecord | None:
    """Read one case; None where it is missing, damaged or from another version: then it is not done."""
    try:
        content = json.loads((folder / "case.json").read_bytes())
        record = CaseRecord(
            case_id=content["case_id"],
            status=content["status"],
            codes=tuple(content["codes"]),
            reason=content["reason"],
            notes=tuple(content["notes"]),
            choice=content["choice"],
            n_files=content["n_files"],
            input_digest=content["input_digest"],
            plan_digest=content["plan_digest"],
            config_hash=content["config_hash"],
            weights_hash=content["weights_hash"],
            bundle=content["bundle"],
            outputs=tuple(content["outputs"]),
            timings_s=content["timings_s"],
            findings=content["findings"],
            has_preview=(folder / "preview.png").is_file(),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
    right = content.get("schema_version") == SCHEMA_VERSION and record.case_id == folder.name
    return record if right and record.status in get_args(Status) else None
