"""Judged nodules as a table for a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from .nodule_outcome import NoduleOutcome


def outcomes_csv(outcomes: Sequence[NoduleOutcome]) -> bytes:
    """Encode outcomes, one row each, by key; scores are separated by blanks, attributes have columns of their own."""
    rows = [_row(o) for o in sorted(outcomes, key=lambda o: o.key)]
    stream = io.StringIO()
    writer = csv.DictWriter(stream, list(dict.fromkeys(name for row in rows for name in row)), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue().encode()


def _row(outcome: NoduleOutcome) -> dict[str, Any]:
    row = asdict(outcome)
    truth, said = row.pop("attributes"), row.pop("predicted_attributes")
    row["scores"] = " ".join(map(str, outcome.scores))
    named = {f"readers_{name}": value for name, value in sorted(truth.items())}
    return {**row, **named, **{f"predicted_{name}": value for name, value in sorted(said.items())}}
