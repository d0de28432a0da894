"""Judged images in a file, so that figures can be computed again without the network."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import MISSING, asdict, fields
from pathlib import Path
from typing import Any

from ...results.atomic_write import atomic_write
from ...results.plain_json import plain_json
from .image_outcome import ImageOutcome
from .judged_images import JudgedImages

FORMAT = "resmtnet.image_outcomes.1"
_FIELDS = {f.name for f in fields(ImageOutcome)}
_REQUIRED = {f.name for f in fields(ImageOutcome) if f.default is MISSING}


def write_image_outcomes(judged: JudgedImages, path: Path) -> None:
    """Write judged images as JSON, by file, whole or not at all.

    Raises
    ------
    ValueError
        A figure is not finite; the message names its place.
    """
    entries = [asdict(o) for o in sorted(judged.outcomes, key=lambda o: o.file)]
    classes = {"classes": list(judged.classes), "positive": judged.positive, "normal": judged.normal}
    path.parent.mkdir(parents=True, exist_ok=True)
    atomic_write(path, plain_json({"format": FORMAT, **classes, "outcomes": entries}))


def read_image_outcomes(path: Path) -> JudgedImages:
    """Read what :func:`write_image_outcomes` wrote.

    Raises
    ------
    ValueError
        The file is of another form; the message says where and what was expected.
    """
    content = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise ValueError(f"{path.name}: not outcomes of images (expected format {FORMAT}); write it with evaluate.yaml")
    outcomes = tuple(_outcome(entry, f"{path.name}, outcome {n}") for n, entry in enumerate(content["outcomes"]))
    return JudgedImages(tuple(content["classes"]), content["positive"], content["normal"], outcomes)


def _outcome(entry: Mapping[str, Any], place: str) -> ImageOutcome:
    if missing := sorted(_REQUIRED - entry.keys()):
        raise ValueError(f"{place}: expected {', '.join(missing)}, which are missing")
    if unknown := sorted(entry.keys() - _FIELDS):
        raise ValueError(f"{place}: found {', '.join(unknown)}, which this version does not know")
    return ImageOutcome(**{**entry, "probabilities": tuple(entry["probabilities"])})
