"""What was said of one place, in a file."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from ...results.atomic_write import atomic_write


@dataclass(frozen=True)
class JudgedPlace:
    """One place: whether a nodule is there, how probable that was said to be, and how far off it was put (mm).

    ``location_error_mm`` is the distance of the said from the annotated centre; None without a nodule.
    """

    key: str
    patient_id: str
    nodule: bool
    presence: float
    location_error_mm: float | None = None


def write_places(places: Sequence[JudgedPlace], path: Path) -> None:
    """Write a table, whole or not at all."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, [f.name for f in fields(JudgedPlace)], lineterminator="\n")
    writer.writeheader()
    writer.writerows({**asdict(p), "nodule": int(p.nodule)} for p in places)
    path.parent.mkdir(parents=True, exist_ok=True)
    atomic_write(path, text.getvalue().encode())


def read_places(path: Path) -> list[JudgedPlace]:
    """Read what :func:`write_places` wrote."""
    with path.open(newline="", encoding="utf-8") as file:
        return [
            JudgedPlace(
                key=row["key"],
                patient_id=row["patient_id"],
                nodule=row["nodule"] == "1",
                presence=float(row["presence"]),
                location_error_mm=float(row["location_error_mm"]) if row["location_error_mm"] else None,
            )
            for row in csv.DictReader(file)
        ]
