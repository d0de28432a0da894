"""LIDC-IDRI as the archive gives it to a data list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

from pydicom.errors import InvalidDicomError

from ...ingest.check_input import check_input
from ...ingest.ingest_error import IngestError
from ...ingest.plan_scans import plan_scans
from ...records import SeriesPlan
from ..consensus_label import HALF
from ..data_list import DataList, ScanLabel
from ..grid_of_plan import grid_of_plan
from ..image_path import image_path
from ..label_scans import label_scans
from ..nodule_mask import NoduleMask
from ..patient_fold import patient_fold
from ..public_name import public_name
from ..read_subsets import read_subsets
from ..refused_scans import refused_scans
from ..undivided_folds import undivided_folds
from ..write_label_mask import write_label_mask
from .annotate_scan import annotate_scan
from .lidc_rule import LidcRule, Voters
from .read_readings import Readings, read_readings
from .slice_index import slice_index

MANIFEST = "lidc_idri"
PATIENT_NAMES = r"LIDC-IDRI-\d{4}"


def convert_lidc_idri(
    folder: Path,
    output: Path,
    *,
    xml: Path | None = None,
    subsets: Path | None = None,
    min_share: float = HALF,
    agreement: float = HALF,
    voters: Voters = "outliners",
    check_lungs: bool = True,
    progress: bool = False,
) -> DataList:
    """Read CT series and the readers' XML, and write ``output/data_list.json`` and a mask per nodule.

    Positions are LPS mm, from the slices that the XML names. Every scan is complete: four readers looked at all of it.
    Bit q of a mask is the q-th reading session of the XML; every rating of every reader is kept.

    Parameters
    ----------
    folder : DICOM series, of any depth.
    xml : folder of the XML files, where they do not lie in ``folder``.
    subsets : CSV ``seriesuid,subset`` with the folds of LUNA16. A patient of whom no scan stands in it (every patient,
        where there is no such table) gets a fold from a hash of the name; the scans of one patient share a fold.
    min_share, agreement, voters : see :class:`.LidcRule`.
    check_lungs : read every scan and see that its nodules lie near a lung; without, only that they lie in the image.

    Raises
    ------
    InputPathError, OutputNotWritable
    ValueError
        A share outside of (0, 1], or ``subsets`` is no such table.
    """
    rule = LidcRule(min_share, agreement, voters)
    check_input(folder)
    fold_of_series = {} if subsets is None else read_subsets(subsets)
    readings = read_readings(xml or folder, exclude=output, progress=progress)
    listed = plan_scans(folder, exclude=output, progress=progress)
    plans = [plan for plan in listed.plans if plan.kind == "dicom"]
    folds = _folds_of_patients(plans, fold_of_series)
    label = partial(_label, readings=readings, folds=folds, rule=rule, output=output)
    unread = refused_scans(listed.rejections, lambda each: each.origin.series_uid in readings.by_series)
    refused = (*readings.refused, *unread)
    return label_scans(MANIFEST, plans, label, output, refused=refused, check_lungs=check_lungs, progress=progress)


def _label(
    plan: SeriesPlan, *, readings: Readings, folds: Mapping[str, int], rule: LidcRule, output: Path
) -> ScanLabel:
    reading = readings.by_series.get(plan.origin.series_uid)
    if reading is None:
        raise IngestError("E_LABEL_UNREADABLE", "(no XML file is of this series)")
    patient_id = public_name(plan, PATIENT_NAMES)
    image = grid_of_plan(plan)

    def write(mask: NoduleMask, nodule_id: str) -> str:
        return write_label_mask(mask, image, output, plan.case_id, nodule_id)

    said = annotate_scan(reading, slice_index(plan), image, rule, write)
    return ScanLabel(
        case_id=plan.case_id,
        patient_id=patient_id,
        image=str(image_path(plan)),
        complete=True,
        nodules=said.nodules,
        excluded=said.excluded,
        fold=folds.get(patient_id, patient_fold(patient_id)),
        checks=said.checks,
    )


def _folds_of_patients(plans: Sequence[SeriesPlan], fold_of_series: Mapping[str, int]) -> dict[str, int]:
    folds = []
    for plan in plans:
        fold = fold_of_series.get(plan.origin.series_uid)
        if fold is not None:
            with suppress(IngestError, InvalidDicomError):  # the scan is refused where it is labelled
                folds.append((public_name(plan, PATIENT_NAMES), fold))
    return undivided_folds(folds)
