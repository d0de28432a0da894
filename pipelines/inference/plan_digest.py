"""What a scan is read from, as one hash."""

from __future__ import annotations

import hashlib
import json

import numpy as np

from ..ingest.header.slice_header import PlannedSlice
from ..records import SeriesPlan, SliceSource

_DECIMALS = 4  # 0.1 um: far below any geometry, far above the noise of float64


def plan_digest(plan: SeriesPlan) -> str:
    """SHA-256 of what a plan says of its scan, but not of where the files lie.

    It changes when a DICOM series grows or shrinks, or when a file of it is replaced by one of another instance or
    size; the ``case_id`` of a volume file changes with its content anyhow.
    """
    affine = np.round(plan.affine_lps, _DECIMALS) + 0.0  # no -0.0
    content = {
        "kind": plan.kind,
        "shape_ijk": plan.shape_ijk,
        "affine_lps": affine.tolist(),
        "files": (plan.n_files, plan.n_used),
        "codes": sorted(plan.codes),
        "transfer_syntax": plan.transfer_syntax,
        "slices": sorted(map(_of_slice, plan.slices)),
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _of_slice(source: SliceSource) -> tuple[str, int, int]:
    pixels = source.pixels if isinstance(source, PlannedSlice) else None
    return source.sop_instance_uid, source.frame, -1 if pixels is None else pixels.file_bytes
