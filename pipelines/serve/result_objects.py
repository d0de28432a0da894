"""The DICOM results of a run."""

from __future__ import annotations

import json
from pathlib import Path

from ..results.case_record import CaseRecord
from ..results.finished_cases import finished_cases

_DONE = ("ok", "warned")


def result_objects(output: Path) -> tuple[Path, ...]:
    """Return the DICOM files of the cases that the last run evaluated, segmentations before the reports about them."""
    files = [
        file
        for case in run_cases(output)
        if case.status in _DONE
        for file in (output / "cases" / case.case_id / "dicom").rglob("*.dcm")
    ]
    return tuple(sorted(files, key=lambda file: (not file.name.startswith("segmentation"), file)))


def run_cases(output: Path) -> tuple[CaseRecord, ...]:
    """Return the records of the last run's cases; none where there was none that came to its end."""
    try:
        case_ids = set(json.loads((output / "run.json").read_bytes())["case_ids"])
    except FileNotFoundError:
        return ()
    return tuple(case for case_id, case in finished_cases(output).items() if case_id in case_ids)
