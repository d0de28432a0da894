"""The files of a converted scan, and what is there of them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

_CASE_FILE = re.compile(r"([0-9a-f]{12}(?:-\d+)?)\.(?:json|nii\.gz)")


def nifti_path(output: Path, case_id: str) -> Path:
    """Where the voxels of a case go."""
    return output / f"{case_id}.nii.gz"


def record_path(output: Path, case_id: str) -> Path:
    """Where the record of a case goes; it is written last: its presence means that the case is done."""
    return output / f"{case_id}.json"


def finished_record(output: Path, case_id: str) -> dict[str, Any] | None:
    """Read the record of a case whose voxels are there, None where there is none."""
    try:
        record = json.loads(record_path(output, case_id).read_bytes())
    except (OSError, ValueError):
        return None
    if not isinstance(record, dict) or not nifti_path(output, case_id).is_file():
        return None
    return record if record.get("case_id") == case_id and record.get("status") in ("ok", "warned") else None


def remove_case(output: Path, case_id: str) -> None:
    """Remove what is there of a case, its record first."""
    record_path(output, case_id).unlink(missing_ok=True)
    nifti_path(output, case_id).unlink(missing_ok=True)


def converted_cases(output: Path) -> tuple[str, ...]:
    """Give the ids of the cases of which there is a file, sorted."""
    found = (_CASE_FILE.fullmatch(path.name) for path in output.iterdir())
    return tuple(sorted({match[1] for match in found if match}))
