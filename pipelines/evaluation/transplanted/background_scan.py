"""A scan that nodules are put into."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ...records import Volume
from ..detection.true_scan import Place

Row = Literal["scans", "phantoms", "scans_trained_on"]
"""Kinds of backgrounds, each with figures of its own."""


@dataclass(frozen=True, eq=False)
class BackgroundScan:
    """A scan, and what is known to be in it.

    lesions : its own, which are to be found as well; all else that is found in it counts as no nodule.
    """

    row: Row
    name: str
    volume: Volume
    lesions: tuple[Place, ...] = ()


@dataclass(frozen=True)
class Unread:
    """A scan that could not be used, and the code of the reason."""

    row: Row
    name: str
    code: str
