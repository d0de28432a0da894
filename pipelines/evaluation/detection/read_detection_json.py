"""Detections from JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .collect_detections import collect_detections
from .detection import Detection
from .make_detection import make_detection
from .predictions import Fault, Predictions, join_predictions
from .read_case import read_case
from .scan_name import scan_name
from .scoring_error import ScoringError
from .table import read_text

_SCORES = ("label_scores", "scores", "score")
_LISTS = ("validation", "testing", "test", "training", "predictions", "cases")


def read_detection_json(path: Path) -> Predictions:
    """Read a ``case.json`` of ``resmtnet infer`` (or a list of such), or a list of MONAI's detection form.

    The latter holds ``{"image": path, "box": [[x, y, z, w, h, d], ...], "label_scores": [...]}``: centre and edges in
    LPS mm (box mode ``cccwhd`` in world space). The scan's name is that of the image's file without its ending.

    Raises
    ------
    InputPathError
        The file cannot be read.
    ScoringError
        It is no JSON, or of neither form.
    """
    try:
        document = json.loads(read_text(path))
    except (ValueError, RecursionError):
        raise ScoringError("The predictions are no JSON.") from None
    items = _items(document)
    return join_predictions(_read_item(item, f"item {n}") for n, item in enumerate(items, 1))


def _items(document: object) -> Sequence[object]:
    if isinstance(document, dict):
        document = next((document[key] for key in _LISTS if isinstance(document.get(key), list)), [document])
    if isinstance(document, list):
        return document
    raise ScoringError("The predictions are neither a list of scans nor a case.json.")


def _read_item(item: object, where: str) -> Predictions:
    if isinstance(item, dict) and isinstance(item.get("findings"), list):
        return read_case(item, where)
    if isinstance(item, dict) and isinstance(item.get("box"), list):
        return _read_boxes(item, where)
    return Predictions((), (Fault(where, "it has neither findings nor box"),))


def _read_boxes(item: Mapping[str, Any], where: str) -> Predictions:
    scores = next((item[key] for key in _SCORES if isinstance(item.get(key), list)), None)
    if scores is None or len(scores) != len(item["box"]):
        return Predictions((), (Fault(where, f"it has no {' or '.join(_SCORES)} as long as box"),))

    def read(scored: tuple[Sequence[object], object]) -> Detection:
        box, score = scored
        if len(box) != 6:
            raise ValueError("a box has not six numbers")
        return make_detection(scan_name(str(item.get("image", ""))), box[:3], box[3:], score)

    return collect_detections(list(zip(item["box"], scores, strict=True)), read, f"{where}, box")
