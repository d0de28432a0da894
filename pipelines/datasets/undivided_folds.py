"""Folds by patient where a data set gives them by scan."""

from __future__ import annotations

from collections.abc import Iterable


def undivided_folds(folds: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Give each patient one fold from pairs of patient and fold of a scan: the lowest, where they differ.

    The official folds of LUNA16 divide one patient (LIDC-IDRI-0332, subsets 2 and 6).
    """
    found: dict[str, int] = {}
    for patient_id, fold in folds:
        found[patient_id] = min(fold, found.get(patient_id, fold))
    return found
