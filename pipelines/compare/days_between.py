"""How long after the first scan the second one was made."""

from __future__ import annotations

import re
from datetime import date

from pydicom.dataset import Dataset

from ..ingest.ingest_error import IngestError
from ..records import Volume

_ATTRIBUTES = ("AcquisitionDate", "AcquisitionDateTime", "StudyDate")
_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})")


def days_between(before: Volume, after: Volume) -> int | None:
    """Count the days by the first attribute that says the date of both scans; None where none does.

    Acquisition is asked first: a study may be closed later. The dates are told to nobody.
    """
    first, second = _header(before), _header(after)
    if first is None or second is None:
        return None
    for name in _ATTRIBUTES:
        dates = _date(first, name), _date(second, name)
        if dates[0] is not None and dates[1] is not None:
            return (dates[1] - dates[0]).days
    return None


def _header(volume: Volume) -> Dataset | None:
    if volume.plan.kind != "dicom":
        return None
    from ..results.dicom.source_headers import source_headers  # late: volume files need no DICOM reader

    try:
        headers = source_headers(volume)
    except IngestError:
        return None
    return headers[0] if headers else None


def _date(header: Dataset, name: str) -> date | None:
    found = _DATE.match(str(header.get(name, "") or ""))
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:  # such as a month 13
        return None
