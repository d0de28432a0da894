"""What a schema cannot say of a data list."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .data_list import DataList
from .data_list_error import DataListError


def check_data_list(data_list: DataList) -> None:
    """See that names are unique and that no patient is divided between folds.

    Raises
    ------
    DataListError
        Naming every place at fault.
    """
    faults = list(_faults(data_list))
    if faults:
        raise DataListError("The data list contradicts itself: " + "; ".join(faults) + ".")


def _faults(data_list: DataList) -> Iterator[str]:
    for n in _repeated(scan.case_id for scan in data_list.scans):
        yield f"scans[{n}].case_id is that of an earlier scan"
    for n, scan in enumerate(data_list.scans):
        for m in _repeated(nodule.nodule_id for nodule in scan.nodules):
            yield f"scans[{n}].nodules[{m}].nodule_id is that of an earlier nodule of the scan"
    keys = [f"{scan.case_id}_{nodule.nodule_id}" for scan in data_list.scans for nodule in scan.nodules]
    if len(set(keys)) < len(keys) and not any(_repeated(scan.case_id for scan in data_list.scans)):
        yield "two nodules have one case_id and nodule_id, joined by _ (they name the files of patches)"
    folds: dict[str, int | None] = {}
    for n, scan in enumerate(data_list.scans):
        if folds.setdefault(scan.patient_id, scan.fold) != scan.fold:
            yield f"scans[{n}].fold differs from that of an earlier scan of the patient"


def _repeated(names: Iterable[str]) -> Iterator[int]:
    seen: set[str] = set()
    for n, name in enumerate(names):
        if name in seen:
            yield n
        seen.add(name)
