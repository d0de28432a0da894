"""The truth about a nodule that was put into a scan."""

from __future__ import annotations

from dataclasses import dataclass

from ...records import FindingMask, Point


@dataclass(frozen=True, eq=False)
class PlantedNodule:
    """A nodule where it now stands.

    key : of the record it was cut from.
    centre_lps_mm : centre of mass of the readers' majority outline; LPS mm.
    diameter_mm : as annotated; where the table has none, of the ball of the outline's volume.
    mask : the majority outline on the scan's own grid.
    """

    key: str
    centre_lps_mm: Point
    diameter_mm: float
    mask: FindingMask
