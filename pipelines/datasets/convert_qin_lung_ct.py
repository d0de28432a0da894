"""QIN LUNG CT, as DICOM or as NIfTI, to a data list."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from pydicom.uid import SegmentationStorage

from ...transforms.grid import Grid
from ..ingest.check_input import check_input
from ..ingest.ingest_error import IngestError
from ..ingest.plan_scans import plan_scans
from ..records import SeriesPlan
from .check_frame_of_reference import check_frame_of_reference
from .consensus_label import HALF, consensus_label
from .data_list import DataList, NoduleLabel, Refused, ScanLabel
from .dicom_objects import dicom_objects, read_object
from .grid_of_plan import grid_of_plan
from .image_path import image_path
from .label_scans import label_scans
from .nodule_mask import MOST_READERS, NoduleMask
from .public_name import public_name
from .read_label_file import read_label_file
from .read_seg import Segment, read_seg
from .readers_mask import readers_mask
from .refused_scans import refused_scans
from .split_components import split_components
from .write_label_mask import write_label_mask

MANIFEST = "qin_lung_ct"
PATIENT_NAMES = r"QIN-LSC-\d{4}"
_SCAN, _TUMOUR = "_lungs.nii.gz", "_tumour.nii.gz"
_RUN = re.compile(r"(.*?)[_ ]?run(\d+)", re.ASCII)
Objects = Mapping[str, tuple[Path, ...]]


def convert_qin_lung_ct(
    folder: Path,
    output: Path,
    *,
    agreement: float = HALF,
    check_lungs: bool = True,
    progress: bool = False,
) -> DataList:
    """Read CT series with their DICOM SEG, and ``NAME_lungs.nii.gz`` with ``NAME_tumour.nii.gz``.

    Writes ``output/data_list.json`` and a mask per tumour. Positions are LPS mm. No scan is complete: one target tumour
    was outlined in each, other nodules are not annotated. The algorithms are the readers, in the order of their names;
    of the repeated runs of one algorithm the first is taken. A voxel counts where at least ``agreement`` of the
    algorithms that outlined the tumour say so. What algorithms outlined on one scan is one tumour. A scan without an
    outline is listed with no nodule.

    Raises
    ------
    InputPathError, OutputNotWritable
    ValueError
        ``agreement`` is no share.
    """
    if not 0 < agreement <= 1:
        raise ValueError(f"agreement is a share above 0, up to 1; found {agreement!r}")
    check_input(folder)
    listed = plan_scans(folder, exclude=output, progress=progress)
    plans = [plan for plan in listed.plans if plan.kind == "dicom" or plan.path.name.endswith(_SCAN)]
    objects, faulty = _objects(folder, output, {plan.origin.series_uid for plan in plans}, progress=progress)
    label = partial(_label, objects=objects, agreement=agreement, output=output)
    unread = refused_scans(
        listed.rejections,
        lambda each: each.origin.series_uid in objects or each.origin.relative_path.endswith(_SCAN),
    )
    return label_scans(
        MANIFEST, plans, label, output, refused=(*faulty, *unread), check_lungs=check_lungs, progress=progress
    )


def _objects(folder: Path, output: Path, series: set[str], *, progress: bool) -> tuple[Objects, tuple[Refused, ...]]:
    """Give the SEG of each series, and those that belong to none."""
    by_series: dict[str, tuple[Path, ...]] = {}
    refused = []
    for n, path in enumerate(dicom_objects(folder, output, (SegmentationStorage,), progress=progress), 1):
        try:
            of = [str(each.SeriesInstanceUID) for each in read_object(path).get("ReferencedSeriesSequence", ())]
            if len(of) != 1 or of[0] not in series:
                raise IngestError("E_LABEL_NO_SCAN", f"({len(of)} series referenced)")
            by_series[of[0]] = (*by_series.get(of[0], ()), path)
        except (IngestError, AttributeError) as error:
            fault = error if isinstance(error, IngestError) else IngestError("E_LABEL_UNREADABLE", "(no series UID)")
            refused.append(Refused("", fault.code, f"{fault.reason} (SEG {n}, in order of path)"))
    return by_series, tuple(refused)


def _label(plan: SeriesPlan, *, objects: Objects, agreement: float, output: Path) -> ScanLabel:
    image = grid_of_plan(plan)
    if plan.kind == "dicom":
        name = public_name(plan, PATIENT_NAMES)
        segments = [s for path in objects.get(plan.origin.series_uid, ()) for s in _segments(path, plan, image)]
        masks = [_mask(_first_runs(segments))] if segments else []
    else:
        name = _name(plan)
        masks = _tumours(plan, image)
    return ScanLabel(
        case_id=plan.case_id,
        patient_id=name,
        image=str(image_path(plan)),
        complete=False,
        nodules=tuple(_nodule(n, mask, image, plan.case_id, agreement, output) for n, mask in enumerate(masks, 1)),
    )


def _segments(path: Path, plan: SeriesPlan, image: Grid) -> tuple[Segment, ...]:
    seg = read_object(path)
    check_frame_of_reference(str(seg.get("FrameOfReferenceUID", "")), plan)
    return read_seg(seg, image)


def _name(plan: SeriesPlan) -> str:
    name = plan.path.name.removesuffix(_SCAN)
    return name if re.fullmatch(PATIENT_NAMES, name, re.ASCII) else plan.case_id


def _tumours(plan: SeriesPlan, image: Grid) -> list[NoduleMask]:
    path = plan.path.with_name(plan.path.name.removesuffix(_SCAN) + _TUMOUR)
    if not path.exists():
        return []
    values, start = read_label_file(path, image)
    return split_components(values > 0, start)


def _first_runs(segments: Sequence[Segment]) -> list[Segment]:
    """Keep the lowest run of each algorithm, in the order of the algorithms' names (``alg01_run1``)."""
    first: dict[tuple[str, int], tuple[int, Segment]] = {}
    for segment in sorted(segments, key=lambda each: each.algorithm):
        found = _RUN.fullmatch(segment.algorithm)
        algorithm, run = (found[1], int(found[2])) if found else (segment.algorithm, 0)
        if run < first.get((algorithm, segment.number), (run + 1, segment))[0]:
            first[algorithm, segment.number] = (run, segment)
    return [segment for _, segment in first.values()]


def _mask(segments: Sequence[Segment]) -> NoduleMask:
    if len(segments) > MOST_READERS:
        raise IngestError("E_LABEL_CONFLICT", f"({len(segments)} outlines of one tumour; at most {MOST_READERS})")
    return readers_mask([(q, segment.start_kji, segment.voxels) for q, segment in enumerate(segments)])


def _nodule(n: int, mask: NoduleMask, image: Grid, case_id: str, agreement: float, output: Path) -> NoduleLabel:
    name = f"n{n}"
    label = consensus_label(
        name, mask, image, agreement=agreement, mask_path=write_label_mask(mask, image, output, case_id, name)
    )
    if label is None:
        raise IngestError("E_LABEL_CONFLICT", "(no voxel that enough algorithms agree on)")
    return label
