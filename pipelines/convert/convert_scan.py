"""One scan to its record and the bytes of its NIfTI file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ...transforms.ras_from_lps import RAS_FROM_LPS
from ..ingest.ingest_error import IngestError
from ..ingest.plain_record import plain_record
from ..ingest.read_volume import read_volume
from ..ingest.unforeseen_error import unforeseen_error
from ..name_fault import name_fault
from ..records import SeriesPlan, Volume
from ..results.is_sheared import is_sheared
from ..results.nifti_bytes import nifti_bytes
from ..root_cause import root_cause
from .converted_files import nifti_path
from .orthogonalise import orthogonalise


def convert_scan(plan: SeriesPlan, *, orthogonal: bool) -> tuple[dict[str, Any], bytes | None]:
    """Read a scan as inference does and encode it.

    Returns
    -------
    record, nifti
        The record of :func:`.ingest_scans.ingest_scans` with ``nifti`` added, which says what the file holds;
        None instead of bytes where the scan cannot be read.
    """
    try:
        source = read_volume(plan)
        volume = orthogonalise(source) if orthogonal else source
        data = nifti_bytes(volume.hu, volume.affine_lps)
        return {**plain_record(source), **_judgement(volume), "nifti": _of_file(volume)}, data
    except IngestError as error:
        fault = error
    except Exception as error:  # noqa: BLE001 - one odd scan never stops the rest
        fault = _as_fault(error)
    codes = list(dict.fromkeys([fault.code, *plan.codes]))
    return {**plain_record(plan), "status": fault.status, "codes": codes, "reason": fault.reason}, None


def _as_fault(error: Exception) -> IngestError:
    if isinstance(root_cause(error), MemoryError):
        return IngestError("F_OUT_OF_MEMORY", f"{name_fault(error)}.", "failed")
    return unforeseen_error(error)


def _judgement(volume: Volume) -> dict[str, Any]:
    return {"status": "warned" if volume.codes else "ok", "codes": list(volume.codes)}


def _of_file(volume: Volume) -> dict[str, Any]:
    """Say what the file holds: the place in the frame of the file (RAS) and in that of all records (LPS)."""
    return {
        "file": nifti_path(Path(), volume.plan.case_id).name,
        "frame": "RAS",
        "unit": "HU",
        "dtype": str(volume.hu.dtype),
        "shape_ijk": list(volume.hu.shape[::-1]),
        "affine_ras": (RAS_FROM_LPS @ volume.affine_lps + 0.0).tolist(),
        "affine_lps": volume.affine_lps.tolist(),
        "sform_code": 1,
        "qform_code": 0 if is_sheared(volume.affine_lps) else 1,
        "orthogonalised": "W_ORTHOGONALISED" in volume.codes,
        "digest": volume.digest,
    }
