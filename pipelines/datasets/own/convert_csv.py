"""A table of nodules to a data list."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Literal

from ...ingest.ingest_error import IngestError
from ..data_list import DataList, Refused
from ..grid_of_plan import grid_of_plan
from .annotated import Annotated
from .make_list import make_list
from .own_options import OwnOptions, scans_folder
from .read_table import read_table
from .row_nodules import row_nodules
from .scan_facts import facts_of, group_rows
from .scan_index import ScanIndex

Frame = Literal["lps", "ras", "voxel"]


def convert_csv(table: Path, output: Path, *, frame: Frame, options: OwnOptions | None = None) -> DataList:
    """Read points, diameters, boxes and ratings from a CSV and write ``output/data_list.json``.

    One row per nodule, or per nodule and reader. Columns (others are passed over):

    - ``case``: the scan, see :class:`.ScanIndex`; ``patient_id``, ``fold``, ``complete``: of the scan;
    - ``x, y, z``: centre; or ``x_min ... z_max``: corners (in voxels: the first and last that belong to it);
    - ``size_x_mm, size_y_mm, size_z_mm``: edges of the box; or ``diameter_mm``, taken as all three edges;
    - ``nodule``: rows of one scan and name are one nodule (without it, rows of one place are);
    - ``reader, malignancy`` and the other LIDC characteristics: one rating per row;
    - ``excluded``: 1 for a place that is neither a hit nor a false positive (with ``diameter_mm``).

    A row without a place says something of the scan only: with ``complete`` 1 it is a scan without a nodule.

    Parameters
    ----------
    frame : of the positions: ``lps`` (DICOM, LUNA16), ``ras`` (NIfTI, 3D Slicer's default) in mm, or ``voxel``: column,
        row, slice from 0, of the scan as it is read.

    Returns
    -------
    DataList
        A scan with any faulty row is left out as a whole and stands in ``refused``.

    Raises
    ------
    InputPathError, UsageError, OutputNotWritable
    """
    options = options or OwnOptions()
    rows = read_table(table)
    more = read_table(options.table) if options.table else ()
    index = ScanIndex(scans_folder(table, options), options.ingest, exclude=output, progress=options.progress)
    readers = sorted({row.cells["reader"] for row in rows if "reader" in row.cells})
    groups, refused = group_rows((*rows, *more), index, table.parent)
    annotated, faulty = [], []
    for case_id, (plan, own) in groups.items():
        try:
            facts = facts_of(own)
        except IngestError as error:
            faulty.append(Refused(case_id, error.code, error.reason))
            continue
        make = partial(row_nodules, own, grid_of_plan(plan), frame, readers)
        annotated.append(Annotated(plan, make, facts))
    return make_list(annotated, {}, (*refused, *faulty), output, options)
