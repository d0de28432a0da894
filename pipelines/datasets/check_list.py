"""A data list held against its scans."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from ...transforms.grid import Grid
from ...transforms.lungs import find_lungs
from ..ingest.ingest_error import IngestError
from ..ingest.ingest_options import IngestOptions
from ..ingest.unforeseen_error import unforeseen_error
from ..with_progress import with_progress
from .check_labels import check_scan_labels
from .data_list import DataList, Refused, ScanLabel
from .labelled_plans import LabelledPlans
from .labelled_volume import read_labelled
from .read_data_list import read_data_list


def check_list(data_list: Path, options: IngestOptions | None = None, *, progress: bool = False) -> DataList:
    """Read every scan and mask of a list and say anew what is odd; nothing is written.

    Returns
    -------
    DataList
        The scans that can be read, with fresh ``checks``; in ``refused`` those that cannot.

    Raises
    ------
    DataListError
    """
    labels = read_data_list(data_list)
    folder = data_list if data_list.is_dir() else data_list.parent
    plans = LabelledPlans(folder, options or IngestOptions())
    outcomes = [_check(scan, plans, folder) for scan in with_progress(labels.scans, "scans", shown=progress)]
    return DataList(
        labels.manifest,
        tuple(each for each in outcomes if isinstance(each, ScanLabel)),
        (*labels.refused, *(each for each in outcomes if isinstance(each, Refused))),
    )


def _check(scan: ScanLabel, plans: LabelledPlans, folder: Path) -> ScanLabel | Refused:
    try:
        volume = read_labelled(scan, plans.find(scan), folder)
        grid: Grid = volume.grid
        return dataclasses.replace(scan, checks=check_scan_labels(scan, grid, find_lungs(volume.hu, grid)))
    except IngestError as error:
        fault = error
    except Exception as error:  # noqa: BLE001 - one odd scan never stops the rest
        fault = unforeseen_error(error)
    return Refused(scan.case_id, fault.code, fault.reason)
