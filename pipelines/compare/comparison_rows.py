"""A comparison as rows of text, for the page and the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from ..results.page.number_text import number_text
from .comparison import Comparison, FollowedPair, SinglePlace

Rows = Sequence[Sequence[str]]

PAIR_HEAD = (
    *("Before", "After", "Mean diameter, mm", "Volume, mm³", "Change, %", "Doubling time, days", "Trend"),
    *("Distance, mm", "Remark"),
)
SINGLE_HEAD = ("Finding", "Mean diameter, mm", "Volume, mm³", "Probability", "Place in the other scan, voxel i, j, k")


def pair_rows(comparison: Comparison) -> Rows:
    """Give the nodules seen in both scans."""
    return [_pair(pair) for pair in comparison.pairs]


def single_rows(singles: Sequence[SinglePlace]) -> Rows:
    """Give the nodules seen in one scan only."""
    return [_single(single) for single in singles]


def headline(comparison: Comparison) -> str:
    """Say in one line what was found."""
    interval = interval_text(comparison)
    if comparison.status == "rejected":
        return f"Not compared ({interval}). {comparison.reason}"
    counts = (comparison.pairs, "in both"), (comparison.new, "new"), (comparison.vanished, "vanished")
    return f"{', '.join(f'{len(some)} {what}' for some, what in counts)}; {interval}"


def interval_text(comparison: Comparison) -> str:
    """Say how far apart the scans are."""
    days = comparison.interval_days
    return "interval not known" if days is None else f"{days} day{'' if days == 1 else 's'} apart"


def _pair(followed: FollowedPair) -> Sequence[str]:
    before, after, change = followed.pair.before, followed.pair.after, followed.growth
    percent, days = change.volume_change_percent, change.volume_doubling_time_days
    return (
        str(before.finding_id),
        str(after.finding_id),
        _change(before.mean_diameter_mm, after.mean_diameter_mm, 1),
        _change(before.volume_mm3, after.volume_mm3, 0),
        "" if percent is None else ("+" if percent > 0 else "") + number_text(percent, 0),
        "" if days is None else number_text(days, 0),
        change.trend,
        number_text(followed.pair.distance_mm, 1),
        "another one is near: check the match" if followed.pair.ambiguous else "",
    )


def _single(single: SinglePlace) -> Sequence[str]:
    nodule = single.nodule
    place = ", ".join(number_text(value, 0) for value in single.place_ijk) if single.shown else "outside the other scan"
    return (
        str(nodule.finding_id),
        number_text(nodule.mean_diameter_mm, 1),
        number_text(nodule.volume_mm3, 0),
        number_text(nodule.probability, 2),
        place,
    )


def _change(before: float, after: float, digits: int) -> str:
    return f"{number_text(before, digits)} → {number_text(after, digits)}"
