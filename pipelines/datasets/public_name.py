"""The name that a public data set gave a patient."""

from __future__ import annotations

import re

import pydicom

from ..ingest.case_ids import hash_identity
from ..ingest.tree.open_regular import open_regular
from ..records import SeriesPlan


def public_name(plan: SeriesPlan, pattern: str) -> str:
    """Return PatientID where it is wholly of the pattern of the data set's public names; else a hash of it.

    Raises
    ------
    IngestError, pydicom.errors.InvalidDicomError
        The first slice cannot be read any more.
    """
    with open_regular(plan.slices[0].path) as stream:
        header = pydicom.dcmread(stream, stop_before_pixels=True, specific_tags=["PatientID"])
    name = str(header.get("PatientID", "")).strip()
    if re.fullmatch(pattern, name, re.ASCII):
        return name
    assert plan.facts is not None
    return hash_identity(f"patient:{plan.facts.patient}".encode())
