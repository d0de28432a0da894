"""Where a scan lies on disk."""

from __future__ import annotations

from os.path import commonpath
from pathlib import Path

from ..records import SeriesPlan


def image_path(plan: SeriesPlan) -> Path:
    """Return the file or folder on disk that holds the scan, absolute (an archive, for a scan within one)."""
    path = Path(commonpath([place.path.parent for place in plan.slices])) if plan.slices else plan.path
    if len({place.path for place in plan.slices}) == 1:
        path = plan.slices[0].path  # an enhanced file
    absolute = Path(path).absolute()
    return next(each for each in (absolute, *absolute.parents) if each.exists())
