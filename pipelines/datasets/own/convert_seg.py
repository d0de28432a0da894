"""DICOM Segmentation objects to a data list."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from pydicom.dataset import Dataset
from pydicom.uid import UID, SegmentationStorage

from ...ingest.ingest_error import IngestError
from ...records import SeriesPlan
from ..check_frame_of_reference import check_frame_of_reference
from ..data_list import DataList
from ..grid_of_plan import grid_of_plan
from ..read_seg import read_seg
from .convert_objects import convert_objects
from .drawn import Drawn
from .name_filter import is_nodule_name
from .outline import Outline
from .own_options import OwnOptions

_LABEL_MAP = UID("1.2.840.10008.5.1.4.1.1.66.7")  # Label Map Segmentation Storage, which pydicom 3 has no name for


def convert_seg(folder: Path, output: Path, *, only: str | None = None, options: OwnOptions | None = None) -> DataList:
    """Read DICOM SEG (PS3.3 A.51) beside their CT and write ``output/data_list.json`` and a mask per nodule.

    Each segment is a nodule. Several objects on one scan are several readers: their segments that overlap are one
    nodule.

    Parameters
    ----------
    folder : SEG of any depth. Without ``options.scans``, the CT lies there, too.
    only : take segments whose label, description or coded type holds this text; None for those that are called nodule,
        tumour, lesion or alike (:data:`.NODULE_WORDS`).

    Raises
    ------
    InputPathError, OutputNotWritable
    """
    classes = (SegmentationStorage, _LABEL_MAP)
    return convert_objects(folder, output, classes, _references, partial(_read, only=only), options or OwnOptions())


def _references(seg: Dataset) -> tuple[str, Sequence[str]]:
    series = next(iter(seg.get("ReferencedSeriesSequence", ())), Dataset())
    instances = [str(i.ReferencedSOPInstanceUID) for i in series.get("ReferencedInstanceSequence", ())]
    return str(series.get("SeriesInstanceUID", "")), instances or list(_sources_of_frames(seg))


def _sources_of_frames(seg: Dataset) -> Iterator[str]:
    for frame in (*seg.get("SharedFunctionalGroupsSequence", ()), *seg.get("PerFrameFunctionalGroupsSequence", ())):
        for derivation in frame.get("DerivationImageSequence", ()):
            for source in derivation.get("SourceImageSequence", ()):
                yield str(source.ReferencedSOPInstanceUID)


def _read(seg: Dataset, plan: SeriesPlan, source: int, *, only: str | None) -> Drawn:
    check_frame_of_reference(str(seg.get("FrameOfReferenceUID", "")), plan)
    try:
        segments = {int(segment.SegmentNumber): segment for segment in seg.SegmentSequence}
        wanted = [number for number, segment in segments.items() if is_nodule_name(_names(segment), only)]
    except (AttributeError, ValueError, TypeError) as error:
        raise IngestError("E_LABEL_UNREADABLE", f"({type(error).__name__} in a SEG)") from None
    found = read_seg(seg, grid_of_plan(plan), wanted)
    outlines = tuple(Outline(source, each.start_kji, each.voxels) for each in found)
    return Drawn(outlines, left_out=len(segments) - len(wanted))


def _names(segment: Dataset) -> tuple[str, ...]:
    codes = segment.get("SegmentedPropertyTypeCodeSequence", ())
    said = (segment.get("SegmentLabel", ""), segment.get("SegmentDescription", ""))
    return tuple(str(text) for text in (*said, *(code.get("CodeMeaning", "") for code in codes)) if text)
