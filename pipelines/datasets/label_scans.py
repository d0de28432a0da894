"""Scans of a public data set to its data list: what all its converters share."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from ...transforms.lungs import find_lungs
from ..ingest.ingest_error import IngestError
from ..ingest.read_volume import read_volume
from ..ingest.unforeseen_error import unforeseen_error
from ..records import SeriesPlan
from ..results.output_not_writable import OutputNotWritable, writing
from ..with_progress import with_progress
from .check_labels import check_scan_labels
from .data_list import DataList, Refused, ScanLabel
from .grid_of_plan import grid_of_plan
from .write_data_list import DATA_LIST_NAME, write_data_list

Label = Callable[[SeriesPlan], ScanLabel]


def label_scans(
    manifest: str,
    plans: Sequence[SeriesPlan],
    label: Label,
    output: Path,
    *,
    refused: Iterable[Refused] = (),
    check_lungs: bool = True,
    progress: bool = False,
) -> DataList:
    """Label and check every scan and write ``output/data_list.json``, last: without it a folder is not finished.

    Parameters
    ----------
    label : makes the label of a scan; what it raises refuses this scan, and no other.
    refused : what was refused before.
    check_lungs : read every scan and see that its nodules lie near a lung; without, only that they lie in the image.

    Raises
    ------
    OutputNotWritable
    """
    with writing(output):
        output.mkdir(parents=True, exist_ok=True)
        # masks are replaced before the list is: the list of an earlier run must not stand beside those of a broken one
        (output / DATA_LIST_NAME).unlink(missing_ok=True)
    outcomes = [_label(plan, label, check_lungs) for plan in with_progress(plans, "scans", shown=progress)]
    scans = tuple(outcome for outcome in outcomes if isinstance(outcome, ScanLabel))
    faulty = tuple(outcome for outcome in outcomes if isinstance(outcome, Refused))
    made = DataList(manifest, scans, (*refused, *faulty))
    with writing(output):
        write_data_list(made, output)
    return made


def _label(plan: SeriesPlan, label: Label, check_lungs: bool) -> ScanLabel | Refused:
    try:
        scan = label(plan)
        grid = grid_of_plan(plan)
        lungs = find_lungs(read_volume(plan).hu, grid) if check_lungs else None
        return dataclasses.replace(scan, checks=(*scan.checks, *check_scan_labels(scan, grid, lungs)))
    except IngestError as error:
        fault = error
    except OutputNotWritable:
        raise
    except Exception as error:  # noqa: BLE001 - one odd scan never stops the rest
        fault = unforeseen_error(error)
    return Refused(plan.case_id, fault.code, fault.reason)
