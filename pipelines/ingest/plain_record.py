"""What is said of one scan, as a plain record for JSON."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..records import Rejection, SeriesPlan, Volume
from .choice.choose_series import plane_of

PERCENTILES = (0, 1, 5, 25, 50, 75, 95, 99, 100)

_HU_BINS = 2**16
_TOWARDS = (("R", "L"), ("A", "P"), ("I", "S"))  # low and high end of x, y and z in LPS


def plain_record(scan: SeriesPlan | Volume | Rejection) -> dict[str, Any]:
    """Give the record of a scan that is planned, read or refused: no path, UID or patient text."""
    if isinstance(scan, Rejection):
        return _of_rejection(scan)
    return _of_plan(scan) if isinstance(scan, SeriesPlan) else _of_volume(scan)


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
        "notes": list(plan.notes),
        "choice": plan.choice,
        "kind": plan.kind,
        "n_files": plan.n_files,
        "n_used": plan.n_used,
        "shape": list(plan.shape_ijk),
        "spacing_mm": list(plan.spacing_mm),
        "affine_lps": plan.affine_lps.tolist(),
        "plane": plane_of(plan),
        "orientation": _orientation(plan),
        "tilt_deg": round(_tilt_deg(plan), 4),
        "said_thickness_mm": plan.facts.thickness_mm if plan.facts else None,
        "said_spacing_mm": plan.facts.said_spacing_mm if plan.facts else None,
        "lossy": "W_LOSSY" in plan.codes,
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


def _orientation(plan: SeriesPlan) -> str:
    """Say where i, j and k point to: LPS where they run with the axes of the world, the nearest ones where oblique."""
    from nibabel.orientations import aff2axcodes  # late: reading a series needs no nibabel in this process

    return "".join(aff2axcodes(plan.affine_lps, _TOWARDS))


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
    counts = np.zeros(_HU_BINS, np.int64)
    for image in hu:  # slice by slice: bincount makes eight bytes of each voxel
        counts += np.bincount(image.reshape(-1).view(np.uint16) ^ 0x8000, minlength=_HU_BINS)
    cumulative = np.cumsum(counts)
    ranks = np.ceil(np.asarray(PERCENTILES) / 100 * (hu.size - 1)).astype(np.int64) + 1
    return [float(bin_) - _HU_BINS // 2 for bin_ in np.searchsorted(cumulative, ranks)]
