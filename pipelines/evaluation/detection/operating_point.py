"""A threshold for a stated number of false positives."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .froc import Froc


@dataclass(frozen=True)
class OperatingPoint:
    """Candidates of probability >= ``threshold`` are kept; what that gave on the scans it was chosen on.

    ``threshold`` is infinite where none may be kept.
    """

    threshold: float
    false_positives_per_scan: float
    sensitivity: float


def choose_operating_point(froc: Froc, false_positives_per_scan: float) -> OperatingPoint:
    """Choose the threshold that finds most with at most so many false positives per scan.

    Among thresholds that find as many, the highest. Choose on validation data and state the result on others.

    Raises
    ------
    ValueError
        The number is negative or not finite, or the curve has no nodule.
    """
    if not (np.isfinite(false_positives_per_scan) and false_positives_per_scan >= 0):
        raise ValueError(f"{false_positives_per_scan} false positives per scan: expected a number from 0 on")
    if froc.n_nodules == 0:
        raise ValueError("without a nodule no operating point can be chosen")
    allowed = froc.false_positives_per_scan <= false_positives_per_scan
    chosen = int(np.argmax(np.where(allowed, froc.sensitivity, -1.0)))
    return OperatingPoint(
        float(froc.thresholds[chosen]),
        float(froc.false_positives_per_scan[chosen]),
        float(froc.sensitivity[chosen]),
    )
