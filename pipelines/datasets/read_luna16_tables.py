"""The tables of LUNA16."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from .data_list import Excluded, NoduleLabel, Point

ANNOTATIONS, EXCLUDED, SERIES = "annotations.csv", "annotations_excluded.csv", "seriesuids.csv"
NO_DIAMETER_MM = 10.0
"""Excluded places of unknown size have the diameter -1; the challenge's evaluation takes 10 mm for them."""
_PLACE = ("coordX", "coordY", "coordZ", "diameter_mm")


@dataclass(frozen=True)
class Luna16Tables:
    """By SeriesInstanceUID: nodules, excluded places; all series. Positions are LPS mm, as the tables hold them."""

    series: tuple[str, ...]
    nodules: Mapping[str, tuple[NoduleLabel, ...]] = field(default_factory=dict)
    excluded: Mapping[str, tuple[Excluded, ...]] = field(default_factory=dict)


def read_luna16_tables(folder: Path) -> Luna16Tables:
    """Read ``annotations.csv``, ``annotations_excluded.csv`` and ``seriesuids.csv`` of a folder.

    Nodules are named n1, n2, ... in their order within a series; the table gives a diameter and no box.

    Raises
    ------
    ValueError
        A table is missing or damaged, or names a series that ``seriesuids.csv`` does not.
    """
    series = tuple(line.strip() for line in _lines(folder / SERIES) if line.strip())
    nodules: dict[str, tuple[NoduleLabel, ...]] = {}
    for number, uid, centre, diameter in _places(folder / ANNOTATIONS, series):
        if not diameter > 0:
            raise ValueError(f"{ANNOTATIONS}, line {number}: a nodule without a diameter; get the table again.")
        name = f"n{len(nodules.get(uid, ())) + 1}"
        nodules[uid] = (*nodules.get(uid, ()), NoduleLabel(name, centre, diameter_mm=diameter))
    excluded: dict[str, list[Excluded]] = {}
    for _, uid, centre, diameter in _places(folder / EXCLUDED, series):
        excluded.setdefault(uid, []).append(Excluded(centre, diameter if diameter > 0 else NO_DIAMETER_MM))
    return Luna16Tables(series, nodules, {uid: tuple(places) for uid, places in excluded.items()})


def _places(path: Path, series: tuple[str, ...]) -> Iterator[tuple[int, str, Point, float]]:
    known = set(series)
    for number, row in enumerate(csv.DictReader(_lines(path)), 2):
        try:
            x, y, z, diameter = (float(row[name]) for name in _PLACE)
            uid = row["seriesuid"].strip()
        except (KeyError, ValueError, TypeError, AttributeError):
            raise ValueError(f"{path.name}, line {number}: expected seriesuid, {', '.join(_PLACE)}.") from None
        if not all(map(math.isfinite, (x, y, z, diameter))) or uid not in known:
            raise ValueError(f"{path.name}, line {number}: a number is not finite, or the series is not in {SERIES}.")
        yield number, uid, (x, y, z), diameter


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"{path.name} of LUNA16 cannot be read ({type(error).__name__}).") from None
