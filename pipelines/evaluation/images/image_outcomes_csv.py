"""Judged images as a table for a spreadsheet."""

from __future__ import annotations

import csv
import io
from dataclasses import asdict
from typing import Any

from .image_outcome import ImageOutcome
from .judged_images import JudgedImages


def image_outcomes_csv(judged: JudgedImages) -> bytes:
    """Encode outcomes, one row each, by file; classes by name, each with a column for its probability."""
    rows = [_row(o, judged) for o in sorted(judged.outcomes, key=lambda o: o.file)]
    stream = io.StringIO()
    names = list(rows[0]) if rows else ["file", "group", "label", "said"]
    writer = csv.DictWriter(stream, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue().encode()


def _row(outcome: ImageOutcome, judged: JudgedImages) -> dict[str, Any]:
    row = asdict(outcome)
    probabilities = row.pop("probabilities")
    first = {"file": row.pop("file"), "group": row.pop("group"), "label": judged.classes[row.pop("label")]}
    said = judged.classes[max(range(len(probabilities)), key=probabilities.__getitem__)]
    told = {f"probability_{name}": p for name, p in zip(judged.classes, probabilities, strict=True)}
    return {**first, "said": said, **told, **row}
