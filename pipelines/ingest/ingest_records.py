"""What is in a folder and how each scan is judged, as plain records for JSON."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from ..records import Rejection, SeriesPlan, Volume
from .ingest_error import IngestError
from .plan_scans import plan_scans
from .read_volume import read_volume
from .unforeseen_error import unforeseen_error

PERCENTILES = (0, 1, 5, 25, 50, 75, 95, 99, 100)

_HU_BINS = 2**16


def ingest_records(root: Path, *, read_pixels: bool = True) -> list[dict[str, Any]]:
    """Judge every scan under ``root``, as inference would, and read it too unless ``read_pixels`` is false.

    Returns
    -------
    list of dict
        One per series, volume file or refusal, in the order of :func:`plan_scans`: no path, UID or patient text.

    Raises
    ------
    InputPathError
        ``root`` does not exist or may not be read.
    """
    return list(_records(root, read_pixels))


def _records(root: Path, read_pixels: bool) -> Iterator[dict[str, Any]]:
    scans = plan_scans(root)
    for plan in scans.plans:
        yield _of_reading(plan) if read_pixels else _of_plan(plan)
    yield from map(_of_rejection, scans.rejections)


def _of_reading(plan: SeriesPlan) -> dict[str, Any]:
    try:
        return _of_volume(read_volume(plan))
    except IngestError as error:
        fault = error
    except Exception as error:  # noqa: BLE001 - one odd scan never stops the rest
        fault = unforeseen_error(error)
    return {**_of_plan(plan), "status": fault.status, "codes": [fault.code, *plan.codes], "reason": fault.reason}


def _of_rejection(rejection: Rejection) -> dict[str, Any]:
    return {
        "case_id": rejection.case_id,
        "status": rejection.status,
        "codes": [rejection.code, *rejection.codes],
        "reason": rejection.reason,
        "n_files": rejection.n_files,
        "n_used": 0,
    }


def _of_plan(plan: SeriesPlan) -> dict[str, Any]:
    return {
        "case_id": plan.case_id,
        "status": "warned" if plan.codes else "ok",
        "codes": list(plan.codes),
        "reason": "",
        "kind": plan.kind,
        "n_files": plan.n_files,
        "n_used": plan.n_used,
        "shape": list(plan.shape_ijk),
        "spacing_mm": list(plan.spacing_mm),
        "affine_lps": plan.affine_lps.tolist(),
        "tilt_deg": round(_tilt_deg(plan), 4),
        "transfer_syntax": plan.transfer_syntax,
    }


def _of_volume(volume: Volume) -> dict[str, Any]:
    values = _percentiles(volume.hu)
    return {
        **_of_plan(volume.plan),
        "decoder": volume.decoder,
        "dtype": str(volume.hu.dtype),
        "hu_percentiles": {str(p): value for p, value in zip(PERCENTILES, values, strict=True)},
        "digest": volume.digest,
    }


def _tilt_deg(plan: SeriesPlan) -> float:
    """Angle between the step from slice to slice and the normal of the slices, degrees."""
    along_i, along_j, step = plan.affine_lps[:3, :3].T
    normal = np.cross(along_i, along_j)
    cosine = abs(normal @ step) / (np.linalg.norm(normal) * np.linalg.norm(step))
    sine = np.linalg.norm(np.cross(normal, step)) / (np.linalg.norm(normal) * np.linalg.norm(step))
    return float(np.degrees(np.arctan2(sine, cosine)))


def _percentiles(hu: np.ndarray) -> list[float]:
    """Exact for int16, from one histogram: sorting a whole CT would take seconds."""
    if hu.dtype != np.int16:
        return [round(float(value), 3) for value in np.percentile(hu, PERCENTILES)]
    counts = np.bincount(hu.reshape(-1).view(np.uint16) ^ 0x8000, minlength=_HU_BINS)
    cumulative = np.cumsum(counts)
    ranks = np.ceil(np.asarray(PERCENTILES) / 100 * (hu.size - 1)).astype(np.int64) + 1
    return [float(bin_) - _HU_BINS // 2 for bin_ in np.searchsorted(cumulative, ranks)]
