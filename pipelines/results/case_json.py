"""``case.json``: all that is said of one case, in plain numbers with frame and unit in their names."""

from __future__ import annotations

import numpy as np

from ..ingest.plain_record import plain_record
from ..records import CaseResult, Finding, FloatArray, Point, Volume
from ..size_classes.size_classes import SIZE_CLASS_NOTE, size_classes
from .plain_json import Plain, plain_json
from .research_use import RESEARCH_USE

SCHEMA_VERSION = 2
"""Of case.json and run.json; ``data_manifests/case.schema.json`` and ``run.schema.json`` say what they hold."""

_OF_THE_SCAN = (  # of the record that ingest and convert give, too
    *("kind", "transfer_syntax", "lossy", "plane", "orientation", "tilt_deg"),
    *("said_thickness_mm", "said_spacing_mm", "dtype", "hu_percentiles"),
)


def case_json(result: CaseResult, volume: Volume | None) -> bytes:
    """Encode a case of any status; where the scan comes from (``origin``) is left out.

    What is said of a scan that was not read is null. Places stand twice: in LPS mm and in voxels of the source.

    Raises
    ------
    ValueError
        A number that is not finite.
    """
    scan = {} if volume is None else plain_record(volume)
    return plain_json(
        {
            "schema_version": SCHEMA_VERSION,
            "note": RESEARCH_USE,
            "size_class_note": SIZE_CLASS_NOTE,
            "frame": "LPS",
            "voxel_frame": "ijk of the source, centres of voxels at whole numbers",
            "nifti_frame": "RAS",
            "bundle": result.bundle,
            "outputs": result.outputs,
            "case_id": result.case_id,
            "status": result.status,
            "codes": result.codes,
            "reason": result.reason,
            "notes": result.notes,
            "choice": result.choice,
            "n_files": result.n_files,
            "n_used": result.n_used,
            "shape_ijk": result.shape_ijk,
            "spacing_mm": result.spacing_mm,
            "affine_lps": None if result.affine_lps is None else result.affine_lps.tolist(),
            **{name: scan.get(name) for name in _OF_THE_SCAN},
            "decoder": "" if volume is None else volume.decoder,
            "input_digest": result.input_digest,
            "plan_digest": result.plan_digest,
            "config_hash": result.config_hash,
            "weights_hash": result.weights_hash,
            "versions": dict(result.versions),
            "timings_s": dict(result.timings_s),
            "findings": [_finding(finding, result) for finding in result.findings],
        }
    )


def _finding(finding: Finding, result: CaseResult) -> dict[str, Plain]:
    mask: Plain = {"file": "nodules.nii.gz", "label": finding.finding_id} if "nifti" in result.outputs else None
    return {
        "finding_id": finding.finding_id,
        "probability": finding.probability,
        "centre_lps_mm": finding.centre_lps_mm,
        "centre_ijk": finding.centre_ijk,
        "box_lps_mm": finding.box_lps_mm,
        "box_ijk": finding.box_ijk,
        "long_axis_mm": finding.long_axis_mm,
        "short_axis_mm": finding.short_axis_mm,
        "long_axis_lps_mm": finding.long_axis_lps_mm,
        "short_axis_lps_mm": finding.short_axis_lps_mm,
        "long_axis_ijk": _in_voxels(finding.long_axis_lps_mm, result.affine_lps),
        "short_axis_ijk": _in_voxels(finding.short_axis_lps_mm, result.affine_lps),
        "diameter_3d_mm": finding.diameter_3d_mm,
        "volume_mm3": finding.volume_mm3,
        "mean_hu": finding.mean_hu,
        "malignancy_probability": finding.malignancy_probability,
        "malignancy_sd": finding.malignancy_sd,
        "calibrated": finding.calibrated,
        "outline_uncertainty": finding.outline_uncertainty,
        "attributes": dict(finding.attributes),
        "lung_side": finding.lung_side,
        "key_slice_k": finding.key_slice_k,
        "mask": mask,
        **size_classes(finding),
    }


def _in_voxels(ends_lps: tuple[Point, Point], affine_lps: FloatArray | None) -> Plain:
    """Give LPS points in (continuous) voxels."""
    if affine_lps is None:
        return None
    points = np.array([[*point, 1.0] for point in ends_lps])
    ijk: list[list[float]] = np.linalg.solve(affine_lps, points.T)[:3].T.tolist()
    return ijk
