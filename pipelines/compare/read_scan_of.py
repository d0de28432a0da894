"""The scan that a result was made of."""

from __future__ import annotations

from pathlib import Path

from ..ingest.ingest_error import IngestError
from ..ingest.ingest_options import IngestOptions
from ..ingest.plan_scans import plan_scans
from ..ingest.read_volume import read_volume
from ..records import Volume
from .compare_error import CompareError
from .read_result import Result


def read_scan_of(result: Result, root: Path, options: IngestOptions | None = None) -> Volume:
    """Read it from a file or folder, among whatever else is there; its voxels must be those that were evaluated.

    It is found by its case id (so the options must be those of the run), or is the only scan there.

    Raises
    ------
    InputPathError
        There is nothing at ``root``.
    CompareError
        It is not there, cannot be read, or is another scan than the one that was evaluated.
    """
    plans = plan_scans(root, options).plans
    named = [plan for plan in plans if plan.case_id == result.case_id] or [*plans]
    if len(named) != 1:
        found = (
            "no scan that can be read" if not plans else f"{len(plans)} scans, and none has the case id of the result"
        )
        raise CompareError(f"At the path of a scan there is {found}. Give the scan that was evaluated.")
    try:
        volume = read_volume(named[0])
    except IngestError as error:
        raise CompareError(f"A scan cannot be read: {error.code} {error.reason}") from None
    if volume.digest != result.input_digest:
        raise CompareError("A scan is not the one that its result was made of. Give that one, with the same options.")
    return volume
