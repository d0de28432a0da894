"""LUNA16 as the challenge gives it to a data list."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from functools import partial
from pathlib import Path, PurePosixPath

from ..ingest.case_ids import hash_identity
from ..ingest.check_input import check_input
from ..ingest.plan_scans import plan_scans
from ..records import Origin, SeriesPlan
from .data_list import DataList, ScanLabel
from .image_path import image_path
from .label_scans import label_scans
from .read_luna16_tables import Luna16Tables, read_luna16_tables
from .read_patients import read_patients
from .read_subsets import read_subsets
from .refused_scans import refused_scans
from .undivided_folds import undivided_folds

MANIFEST = "luna16"
_SUBSET = re.compile(r"subset([0-9])")


def convert_luna16(
    folder: Path,
    output: Path,
    *,
    tables: Path | None = None,
    subsets: Path | None = None,
    patients: Path | None = None,
    check_lungs: bool = True,
    progress: bool = False,
) -> DataList:
    """Read the scans ``SERIESUID.mhd`` of LUNA16 with its tables, and write ``output/data_list.json``.

    Positions are LPS mm, as in the tables and in MetaImage. Every scan is complete: other places hold no nodule that
    three of four readers outlined, and the excluded ones count neither way. The case id is that of the same series in
    LIDC-IDRI. A list may be made of some of the subsets; scans of the tables that are not there are passed over.

    Parameters
    ----------
    folder : the subsets (``subset0`` to ``subset9``), of any depth.
    tables : folder of ``annotations.csv``, ``annotations_excluded.csv``, ``seriesuids.csv``; ``folder`` where None.
    subsets : CSV ``seriesuid,subset`` with the official folds, where the folders' names do not say them.
    patients : CSV with ``Patient Id`` and ``Series UID`` (the archive's list of LIDC-IDRI); without, each scan counts
        as a patient of its own.
    check_lungs : read every scan and see that its nodules lie near a lung; without, only that they lie in the image.

    Raises
    ------
    InputPathError, OutputNotWritable
    ValueError
        A table is missing or damaged.
    """
    check_input(folder)
    said = read_luna16_tables(tables or folder)
    fold_of_series = {} if subsets is None else read_subsets(subsets)
    patient_of_series = {} if patients is None else read_patients(patients)
    listed = plan_scans(folder, exclude=output, progress=progress)
    known = set(said.series)
    plans = [_named(plan) for plan in listed.plans if series_uid(plan.origin) in known]
    folds = {plan.case_id: _fold(plan.origin, fold_of_series) for plan in plans}
    patient_ids = {plan.case_id: patient_of_series.get(series_uid(plan.origin), plan.case_id) for plan in plans}
    whole = undivided_folds((patient_ids[name], fold) for name, fold in folds.items() if fold is not None)
    label = partial(_label, said=said, official=folds, whole=whole, patients=patient_ids)
    refused = refused_scans(listed.rejections, lambda each: series_uid(each.origin) in known)
    return label_scans(MANIFEST, plans, label, output, refused=refused, check_lungs=check_lungs, progress=progress)


def series_uid(origin: Origin) -> str:
    """Return the SeriesInstanceUID of a scan of LUNA16: that of its headers, or the name of its file."""
    return origin.series_uid or PurePosixPath(origin.relative_path).stem


def _named(plan: SeriesPlan) -> SeriesPlan:
    return dataclasses.replace(plan, case_id=hash_identity(series_uid(plan.origin).encode()))


def _fold(origin: Origin, fold_of_series: Mapping[str, int]) -> int | None:
    folders = reversed(PurePosixPath(origin.relative_path).parts[:-1])
    named = next((int(found[1]) for part in folders if (found := _SUBSET.fullmatch(part))), None)
    return fold_of_series.get(series_uid(origin), named)


def _label(
    plan: SeriesPlan,
    *,
    said: Luna16Tables,
    official: Mapping[str, int | None],
    whole: Mapping[str, int],
    patients: Mapping[str, str],
) -> ScanLabel:
    uid = series_uid(plan.origin)
    fold, patient_id = official[plan.case_id], patients[plan.case_id]
    moved = fold is not None and fold != whole[patient_id]
    return ScanLabel(
        case_id=plan.case_id,
        patient_id=patient_id,
        image=str(image_path(plan)),
        complete=True,
        nodules=said.nodules.get(uid, ()),
        excluded=said.excluded.get(uid, ()),
        fold=whole.get(patient_id),
        checks=(f"E_LABEL_CONFLICT fold {fold} of LUNA16 divides a patient",) if moved else (),
    )
