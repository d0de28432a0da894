"""What was read of a detector's output."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .detection import Detection


@dataclass(frozen=True)
class Fault:
    """A row that could not be used: where it stands (``line 7``, ``item 2, box 1``), and why. It names no scan."""

    where: str
    reason: str


@dataclass(frozen=True)
class Predictions:
    """Detections in the order of their file, and the rows that are none."""

    detections: tuple[Detection, ...]
    faults: tuple[Fault, ...] = ()


def join_predictions(parts: Iterator[Predictions]) -> Predictions:
    """Put the predictions of several scans together."""
    kept = list(parts)
    return Predictions(
        tuple(detection for part in kept for detection in part.detections),
        tuple(fault for part in kept for fault in part.faults),
    )
