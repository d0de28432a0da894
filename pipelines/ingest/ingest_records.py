"""What is in a folder and how each scan is judged, as plain records for JSON."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..records import SeriesPlan
from .ingest_error import IngestError
from .ingest_options import IngestOptions
from .plain_record import plain_record
from .plan_scans import plan_scans
from .read_volume import read_volume
from .unforeseen_error import unforeseen_error


def ingest_records(
    root: Path, options: IngestOptions | None = None, *, read_pixels: bool = True
) -> list[dict[str, Any]]:
    """Judge every scan under ``root``, as inference would, and read it too unless ``read_pixels`` is false.

    Returns
    -------
    list of dict
        One per series, volume file or refusal, in the order of :func:`plan_scans`: no path, UID or patient text.

    Raises
    ------
    InputPathError
        ``root`` does not exist or may not be read.
    """
    return list(_records(root, options, read_pixels))


def _records(root: Path, options: IngestOptions | None, read_pixels: bool) -> Iterator[dict[str, Any]]:
    scans = plan_scans(root, options)
    for plan in scans.plans:
        yield _of_reading(plan) if read_pixels else plain_record(plan)
    yield from map(plain_record, scans.rejections)


def _of_reading(plan: SeriesPlan) -> dict[str, Any]:
    try:
        return plain_record(read_volume(plan))
    except IngestError as error:
        fault = error
    except Exception as error:  # noqa: BLE001 - one odd scan never stops the rest
        fault = unforeseen_error(error)
    return {**plain_record(plan), "status": fault.status, "codes": [fault.code, *plan.codes], "reason": fault.reason}
