"""A scan without findings, in the middle of its volume."""

from __future__ import annotations

from html import escape

import numpy as np

from ...records import Volume
from ..corners_lps import corners_lps
from .number_text import number_text
from .resampled import flat_picture, points_of
from .tile import tile
from .view import STANDARD_VIEWS

_PX = 320


def overview(volume: Volume) -> str:
    """Return HTML of three views through the middle of the scan."""
    low, high = corners_lps(volume)
    middle, edge_mm = (low + high) / 2, float(np.ceil((high - low).max()))
    mm_per_px = edge_mm / _PX
    tiles = []
    for view in STANDARD_VIEWS:
        axis = int(np.abs(view.normal).argmax())
        content = flat_picture(volume, points_of(view, middle, _PX, mm_per_px), mm_per_px)
        words = f"{view.name.capitalize()}, {'xyz'[axis]} {number_text(middle[axis], 1)} mm"
        tiles.append(tile(view, edge_mm, content, caption=escape(words), said=f"The scan, {view.name}"))
    return f'<div class="views">{"".join(tiles)}</div>'
