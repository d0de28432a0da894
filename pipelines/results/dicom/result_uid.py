"""UIDs of what is made from a result."""

from __future__ import annotations

import hashlib
import json

from ...records import CaseResult


def result_uid(result: CaseResult, what: str) -> str:
    """Return the UID of ``what`` ("seg", "sr series", "finding 1", ...) of a result, under the root 2.25.

    It is a hash of series, voxels, plan, model and ``what`` (DICOM PS3.5 B.2): the same result has the same UIDs
    whenever its files are written, and another scan, model or configuration has others.
    """
    scan = (result.origin.series_uid, result.input_digest, result.plan_digest)
    content = json.dumps([*scan, result.config_hash, result.weights_hash, what])
    return f"2.25.{int.from_bytes(hashlib.sha256(content.encode()).digest()[:16], 'big')}"
