"""A picture in both windows, placed in a view by the millimetre."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
from PIL import Image

from ..plane import FloatArray
from ..window import LUNG, SOFT_TISSUE, Window, grey

WINDOWS = (LUNG, SOFT_TISSUE)


def picture(hu: npt.NDArray[np.generic], place: FloatArray) -> str:
    """Return SVG of ``hu`` ``(row, column)``, once for each window, without loss beyond 256 greys.

    ``place`` is the 2x3 matrix from the pixel's (column, row), edges at whole numbers, to mm in the view: voxels that
    are no squares are drawn as what they are.
    """
    height, width = hu.shape
    matrix = " ".join(f"{value:.6g}" for value in place.T.reshape(-1))
    return "".join(
        f'<image class="{window.name}" width="{width}" height="{height}" transform="matrix({matrix})" '
        f'preserveAspectRatio="none" href="{_png(hu, window)}"/>'
        for window in WINDOWS
    )


def outline(lines_mm: Iterable[FloatArray], name: str) -> str:
    """Return SVG of closed lines ``(n, 2)``, mm in the view, dark below and bright above."""
    path = "".join("M" + "L".join(f"{x:.2f},{y:.2f}" for x, y in line[:-1]) + "Z" for line in lines_mm)
    if not path:
        return ""
    return f'<g class="shade"><path class="ring" id="{name}" d="{path}"/></g><use class="edge" href="#{name}"/>'


def _png(hu: npt.NDArray[np.generic], window: Window) -> str:
    stream = io.BytesIO()
    Image.fromarray(grey(hu, window)).save(stream, format="PNG", compress_level=6)
    return "data:image/png;base64," + base64.b64encode(stream.getvalue()).decode()
