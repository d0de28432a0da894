"""The fold of a patient where the data set names none."""

from __future__ import annotations

import hashlib

FOLDS = 10
_PURPOSE = b"resmtnet:fold:"


def patient_fold(patient_id: str, folds: int = FOLDS) -> int:
    """Give the fold, 0 to ``folds`` - 1: the same for the same patient, whatever else is in the list."""
    digest = hashlib.sha256(_PURPOSE + patient_id.encode()).digest()
    return int.from_bytes(digest[:8], "big") % folds
