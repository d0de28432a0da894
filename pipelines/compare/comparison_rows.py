"""A comparison as rows of text, for the page and the terminal."""

from __future__ import annotations

from collections.abc import Sequence

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
    days = comparison.interval_days
    interval = "interval not known" if days is None else f"{days} days apart"
    if comparison.status == "rejected":
        return f"Not compared ({interval}). {comparison.reason}"
    counts = (comparison.pairs, "in both"), (comparison.new, "new"), (comparison.vanished, "vanished")
    return f"{', '.join(f'{len(some)} {what}' for some, what in counts)}; {interval}"


def _pair(followed: FollowedPair) -> Sequence[str]:
    before, after, change = followed.pair.before, followed.pair.after, followed.growth
    percent, days = change.volume_change_percent, change.volume_doubling_time_days
    return (
        str(before.finding_id),
        str(after.finding_id),
        f"{before.mean_diameter_mm:.1f} → {after.mean_diameter_mm:.1f}",
        f"{before.volume_mm3:,.0f} → {after.volume_mm3:,.0f}",
        "" if percent is None else f"{percent:+.0f}",
        "" if days is None else f"{days:.0f}",
        change.trend,
        f"{followed.pair.distance_mm:.1f}",
        "another one is near: check the match" if followed.pair.ambiguous else "",
    )


def _single(single: SinglePlace) -> Sequence[str]:
    nodule = single.nodule
    place = ", ".join(f"{value:.0f}" for value in single.place_ijk) if single.shown else "outside the other scan"
    return (
        str(nodule.finding_id),
        f"{nodule.mean_diameter_mm:.1f}",
        f"{nodule.volume_mm3:,.0f}",
        f"{nodule.probability:.2f}",
        place,
    )
