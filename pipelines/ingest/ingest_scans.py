"""What is in a folder and how each scan is judged."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..records import SeriesPlan
from ..with_progress import with_progress
from .ingest_error import IngestError
from .ingest_options import IngestOptions
from .plain_record import plain_record
from .plan_scans import ScanList, plan_scans
from .read_volume import read_volume
from .scan_records import ScanRecords, origins_of
from .unforeseen_error import unforeseen_error


def ingest_scans(
    root: Path, options: IngestOptions | None = None, *, read_pixels: bool = True, progress: bool = False
) -> ScanRecords:
    """Judge every scan under ``root``, as inference would, and read it too unless ``read_pixels`` is false.

    ``progress`` shows bars on stderr where that is a terminal.

    Returns
    -------
    ScanRecords
        One record per series, volume file or refusal, in the order of :func:`plan_scans`: no path, UID or patient text.

    Raises
    ------
    InputPathError
        ``root`` does not exist or may not be read.
    """
    scans = plan_scans(root, options, progress=progress)
    records = list(_records(scans, read_pixels, progress))
    return ScanRecords(records, scans.skipped, origins_of(scans))


def _records(scans: ScanList, read_pixels: bool, progress: bool) -> Iterator[dict[str, Any]]:
    for plan in with_progress(scans.plans, "scans", shown=progress):
        yield _of_reading(plan) if read_pixels else plain_record(plan)
    yield from map(plain_record, scans.rejections)


def _of_reading(plan: SeriesPlan) -> dict[str, Any]:
    try:
        return plain_record(read_volume(plan))
    except IngestError as error:
        fault = error
    except Exception as error:  # noqa: BLE001 - one odd scan never stops the rest
        fault = unforeseen_error(error)
    codes = list(dict.fromkeys([fault.code, *plan.codes]))
    return {**plain_record(plan), "status": fault.status, "codes": codes, "reason": fault.reason}
