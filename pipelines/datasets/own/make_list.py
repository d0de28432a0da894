"""Annotated scans to a data list."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping, Sequence
from os.path import realpath
from pathlib import Path

from ...ingest.case_ids import hash_identity
from ...ingest.ingest_error import IngestError
from ...ingest.ingest_options import IngestOptions
from ...records import SeriesPlan
from ..data_list import DataList, Refused, ScanLabel
from ..image_path import image_path
from ..label_scans import label_scans
from .annotated import Annotated, Annotations, ScanFacts
from .own_options import OwnOptions

MANIFEST = "own"
_NOBODY = hashlib.sha256(b"|").hexdigest()
"""What the headers' patient comes to where both id and name are empty."""


def make_list(
    annotated: Sequence[Annotated],
    facts: Mapping[str, tuple[SeriesPlan, ScanFacts]],
    refused: Sequence[Refused],
    output: Path,
    options: OwnOptions,
) -> DataList:
    """Label every scan, check it, and write ``data_list.json``.

    Parameters
    ----------
    annotated : scans that have annotations.
    facts : by case id, what a table says of scans; one that is complete and not annotated holds no nodule.
    refused : what could not be brought to a scan.

    Raises
    ------
    OutputNotWritable
    """
    there = {scan.plan.case_id for scan in annotated}
    bare = [Annotated(plan, Annotations, said) for case_id, (plan, said) in facts.items() if case_id not in there]
    named = [
        dataclasses.replace(scan, facts=facts[scan.plan.case_id][1]) if scan.plan.case_id in facts else scan
        for scan in annotated
    ]
    whole, divided = _undivided([*named, *bare], options.ingest)
    by_case = {scan.plan.case_id: scan for scan in whole}
    return label_scans(
        MANIFEST,
        [scan.plan for scan in whole],
        lambda plan: _label(by_case[plan.case_id], output, options),
        output,
        refused=(*refused, *divided),
        check_lungs=options.check_lungs,
        progress=options.progress,
    )


def _label(scan: Annotated, output: Path, options: OwnOptions) -> ScanLabel:
    said = scan.annotate()
    complete = options.complete or bool(scan.facts.complete)
    if not (complete or said.nodules or said.excluded):
        raise IngestError("E_LABEL_EMPTY", "(and the scan is not called complete)")
    patient_id = _patient(scan, options.ingest)
    return ScanLabel(
        case_id=scan.plan.case_id,
        patient_id=patient_id or scan.plan.case_id,
        image=_in_list(image_path(scan.plan), output),
        complete=complete,
        nodules=said.nodules,
        excluded=said.excluded,
        fold=scan.facts.fold,
        checks=(*said.checks, *(() if patient_id else ("W_PATIENT_UNKNOWN",))),
    )


def _patient(scan: Annotated, options: IngestOptions) -> str | None:
    """Give a hash of the patient's id, None where nobody says whose scan it is."""
    header = scan.plan.facts.patient if scan.plan.facts else _NOBODY
    patient = scan.facts.patient_id or (None if header == _NOBODY else header)
    return hash_identity(f"patient:{patient}".encode(), options.id_key) if patient else None


def _in_list(path: Path, output: Path) -> str:
    real, home = Path(realpath(path)), Path(realpath(output))
    return real.relative_to(home).as_posix() if real.is_relative_to(home) else str(path)


def _undivided(scans: Sequence[Annotated], options: IngestOptions) -> tuple[list[Annotated], list[Refused]]:
    """Leave out the scans of patients who stand in several folds."""
    folds: dict[str, set[int | None]] = {}
    for scan in scans:
        folds.setdefault(_patient(scan, options) or scan.plan.case_id, set()).add(scan.facts.fold)
    divided = {patient for patient, said in folds.items() if len(said) > 1}
    kept = [scan for scan in scans if _patient(scan, options) not in divided]
    fault = IngestError("E_LABEL_CONFLICT", "(the patient stands in several folds)")
    return kept, [Refused(scan.plan.case_id, fault.code, fault.reason) for scan in scans if scan not in kept]
