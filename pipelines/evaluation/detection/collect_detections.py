"""Entries of a JSON list to detections."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .detection import Detection
from .predictions import Fault, Predictions


def collect_detections(entries: Sequence[Any], read: Callable[[Any], Detection], where: str) -> Predictions:
    """Read each entry; one that is not of the form becomes a fault at ``where`` and its number from 1."""
    detections, faults = [], []
    for n, entry in enumerate(entries, 1):
        try:
            detections.append(read(entry))
        except (KeyError, TypeError) as error:
            faults.append(Fault(f"{where} {n}", f"not of the form ({type(error).__name__})"))
        except ValueError as error:
            faults.append(Fault(f"{where} {n}", str(error)))
    return Predictions(tuple(detections), tuple(faults))
