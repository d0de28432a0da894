"""RT Structure Sets to a data list."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset
from pydicom.uid import RTStructureSetStorage

from ....transforms.grid import FloatArray, Grid
from ...ingest.ingest_error import IngestError
from ...records import SeriesPlan
from ..check_frame_of_reference import check_frame_of_reference
from ..data_list import DataList, Point
from ..grid_of_plan import grid_of_plan
from .convert_objects import convert_objects
from .drawn import Drawn
from .fill_contours import fill_contours
from .name_filter import is_nodule_name
from .outline import Outline
from .own_options import OwnOptions

_CLOSED = ("CLOSED_PLANAR", "CLOSEDPLANAR_XOR")


def convert_rtstruct(
    folder: Path, output: Path, *, only: str | None = None, options: OwnOptions | None = None
) -> DataList:
    """Read RTSTRUCT (PS3.3 A.19) beside their CT and write ``output/data_list.json`` and a mask per nodule.

    Each structure of closed planar contours is a nodule, filled on the scan's own voxels; one of single points gives a
    nodule without size per point. Several structure sets on one scan are several readers: what overlaps is one nodule.

    Parameters
    ----------
    folder : structure sets of any depth. Without ``options.scans``, the CT lies there, too.
    only : take structures whose name or description holds this text; None for those that are called nodule, tumour,
        GTV, lesion or alike (:data:`.NODULE_WORDS`).

    Raises
    ------
    InputPathError, OutputNotWritable
    """
    return convert_objects(
        folder, output, (RTStructureSetStorage,), _references, partial(_read, only=only), options or OwnOptions()
    )


def _references(structures: Dataset) -> tuple[str, Sequence[str]]:
    series_uid, instances = "", []
    for frame in structures.get("ReferencedFrameOfReferenceSequence", ()):
        for study in frame.get("RTReferencedStudySequence", ()):
            for series in study.get("RTReferencedSeriesSequence", ()):
                series_uid = series_uid or str(series.get("SeriesInstanceUID", ""))
                instances += [str(i.ReferencedSOPInstanceUID) for i in series.get("ContourImageSequence", ())]
    return series_uid, instances


def _read(structures: Dataset, plan: SeriesPlan, source: int, *, only: str | None) -> Drawn:
    image = grid_of_plan(plan)
    try:
        rois = {str(roi.ROINumber): roi for roi in structures.get("StructureSetROISequence", ())}
        drawn = [
            _structure(contours, rois[str(contours.ReferencedROINumber)], plan, image, source, only)
            for contours in structures.get("ROIContourSequence", ())
        ]
    except (AttributeError, KeyError, ValueError, TypeError) as error:
        raise IngestError("E_LABEL_UNREADABLE", f"({type(error).__name__} in a structure set)") from None
    return Drawn(
        outlines=tuple(outline for each in drawn for outline in each.outlines),
        points=tuple(point for each in drawn for point in each.points),
        checks=tuple(code for each in drawn for code in each.checks),
        left_out=sum(each.left_out for each in drawn),
    )


def _structure(contours: Dataset, roi: Dataset, plan: SeriesPlan, image: Grid, source: int, only: str | None) -> Drawn:
    if not is_nodule_name([str(roi.get("ROIName", "")), str(roi.get("ROIDescription", ""))], only):
        return Drawn((), left_out=1)
    check_frame_of_reference(str(roi.get("ReferencedFrameOfReferenceUID", "")), plan)
    closed, points = [], []
    for contour in contours.get("ContourSequence", ()):
        kind, places = str(contour.ContourGeometricType), _points(contour)
        if kind in _CLOSED:
            closed.append(places)
        elif kind == "POINT":
            points += list(_as_points(places))
        else:
            raise IngestError("E_LABEL_CONTOUR", "(found an open contour)")
    if not closed:
        return Drawn((), tuple(points))
    filled = fill_contours(closed, image)
    checks = [code for code, n in (("W_CONTOUR_OFF_SLICE", filled.n_moved), ("W_CONTOUR_GAP", filled.n_gaps)) if n]
    return Drawn((Outline(source, filled.start_kji, filled.voxels),), tuple(points), tuple(checks))


def _points(contour: Dataset) -> FloatArray:
    places = np.asarray(contour.ContourData, np.float64).reshape(-1, 3)
    if not np.isfinite(places).all():
        raise IngestError("E_LABEL_CONTOUR", "(a coordinate is not finite)")
    return places


def _as_points(places: FloatArray) -> Iterator[Point]:
    for x, y, z in places:
        yield float(x), float(y), float(z)
