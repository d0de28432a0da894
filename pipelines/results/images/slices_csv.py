"""``slices.csv``: what is said of each slice of a series."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from ...images.image_result import ImageResult, PictureView


def slices_csv(result: ImageResult, views: Sequence[PictureView] | None) -> bytes | None:
    """Encode one row per slice that was looked at, from foot to head; None for what is no series.

    ``k`` is the slice of the source from 0, ``z_lps_mm`` the height of its middle, ``p_<class>`` a probability.
    """
    if not views or result.source != "series":
        return None
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["k", "z_lps_mm", *(f"p_{name}" for name in result.classes)])
    for picture in result.pictures:
        height = "" if picture.z_mm is None else f"{picture.z_mm:.3f}"
        writer.writerow([picture.number, height, *(f"{picture.classes[name]:.6f}" for name in result.classes)])
    return text.getvalue().encode()
