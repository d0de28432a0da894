"""DICOM objects that outline nodules, to a data list: what SEG and RTSTRUCT share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from pydicom.dataset import Dataset

from ...ingest.check_input import check_input
from ...ingest.ingest_error import IngestError
from ...records import SeriesPlan
from ..data_list import DataList, NoduleLabel, Refused
from ..dicom_objects import dicom_objects, read_object
from ..grid_of_plan import grid_of_plan
from .annotated import Annotated, Annotations
from .drawn import Drawn
from .make_list import make_list
from .outline import outlined_nodules
from .own_options import OwnOptions, scans_folder
from .scan_facts import table_facts
from .scan_index import ScanIndex

Read = Callable[[Dataset, SeriesPlan, int], Drawn]
References = Callable[[Dataset], tuple[str, Sequence[str]]]


def convert_objects(
    folder: Path,
    output: Path,
    sop_classes: tuple[str, ...],
    references: References,
    read: Read,
    options: OwnOptions,
) -> DataList:
    """Bring every object of these classes to its scan and write ``output/data_list.json``.

    Parameters
    ----------
    references : gives the SeriesInstanceUID of the scan an object was drawn on ("" if not said) and instances of it.
    read : gives what an object outlines; the number tells the objects of a scan apart.
    """
    check_input(folder)
    index = ScanIndex(scans_folder(folder, options), options.ingest, exclude=output, progress=options.progress)
    facts, faulty = table_facts(options.table, index)
    found: dict[str, tuple[SeriesPlan, list[Path]]] = {}
    refused = []
    for n, path in enumerate(dicom_objects(folder, output, sop_classes, progress=options.progress), 1):
        try:
            plan = _scan_of(path, references, index)
        except IngestError as error:
            refused.append(Refused("", error.code, f"{error.reason} (object {n}, in order of path)"))
            continue
        found.setdefault(plan.case_id, (plan, []))[1].append(path)
    annotated = [Annotated(plan, partial(_annotate, plan, paths, read, output)) for plan, paths in found.values()]
    return make_list(annotated, facts, (*refused, *faulty), output, options)


def _scan_of(path: Path, references: References, index: ScanIndex) -> SeriesPlan:
    """Find the scan by an instance of it first: a series may hold several volumes."""
    try:
        series_uid, instances = references(read_object(path))
    except IngestError:
        raise
    except Exception as error:  # noqa: BLE001 - pydicom raises of every kind on damaged elements
        raise IngestError("E_LABEL_UNREADABLE", f"({type(error).__name__} in its references)") from None
    try:
        return index.find_instance(instances)
    except IngestError:
        return index.find(series_uid)


def _annotate(plan: SeriesPlan, paths: Sequence[Path], read: Read, output: Path) -> Annotations:
    image = grid_of_plan(plan)
    drawn = [read(read_object(path), plan, n) for n, path in enumerate(paths)]
    nodules = outlined_nodules([o for each in drawn for o in each.outlines], image, plan.case_id, output)
    points = tuple(point for each in drawn for point in each.points)
    if not (nodules or points) and any(each.left_out for each in drawn):
        left = sum(each.left_out for each in drawn)
        raise IngestError("E_LABEL_EMPTY", f"({left} structures whose names are not those of nodules)")
    more = tuple(NoduleLabel(f"n{n}", point) for n, point in enumerate(points, len(nodules) + 1))
    checks = dict.fromkeys(code for each in drawn for code in each.checks)
    return Annotations((*nodules, *more), checks=tuple(checks))
