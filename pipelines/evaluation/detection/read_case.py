"""Detections from the findings of one case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .collect_detections import collect_detections
from .detection import Detection
from .make_detection import make_detection
from .predictions import Predictions


def read_case(case: Mapping[str, Any], where: str, name: str | None = None) -> Predictions:
    """Read the findings of one ``case.json``; ``name`` stands for its case id."""

    def read(finding: Mapping[str, Any]) -> Detection:
        low, high = finding["box_lps_mm"]
        edges = [b - a for a, b in zip(low, high, strict=True)]
        return make_detection(name or case["case_id"], finding["centre_lps_mm"], edges, finding["probability"])

    return collect_detections(case["findings"], read, f"{where}, finding")
