"""Where in the chest the findings lie: one look from the front."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from html import escape

import numpy as np
from PIL import Image

from ...records import Finding, Volume
from ..corners_lps import corners_lps
from ..plane import FloatArray, sample
from ..window import LUNG
from .tile import tile
from .view import STANDARD_VIEWS

_STEP_MM = 3.0
_DEEP_STEP_MM = 8.0  # along the look, where only the mean counts
_DARKEST, _BRIGHTEST = 2.0, 99.5  # percentiles of the picture


def where(volume: Volume, findings: Sequence[Finding]) -> str:
    """Return a figure: the mean HU from front to back, and the number of each finding at its place."""
    view = STANDARD_VIEWS[1]
    low, high = corners_lps(volume)
    middle, size = (low + high) / 2, high - low
    edge_mm = float(np.ceil(max(size[0], size[2])))
    across, up = (_steps(size[axis], _STEP_MM) for axis in (0, 2))
    deep = _steps(size[1], _DEEP_STEP_MM)
    points = (
        middle
        + deep[:, None, None, None] * view.normal
        + up[None, :, None, None] * view.down
        + across[None, None, :, None] * view.right
    )
    mean = sample(volume.hu, volume.affine_lps, points, outside=LUNG.low_hu).mean(axis=0)
    picture = (
        f'<image x="{across[0] - _STEP_MM / 2:g}" y="{up[0] - _STEP_MM / 2:g}" width="{len(across) * _STEP_MM:g}" '
        f'height="{len(up) * _STEP_MM:g}" preserveAspectRatio="none" href="{_png(mean)}"/>'
    )
    spots = "".join(_spot(finding, view.flat(_point(finding), middle), edge_mm) for finding in findings)
    caption = "Mean of all planes from front to back; for orientation only."
    said = "The chest from the front, with the findings"
    return tile(view, edge_mm, picture + spots, caption=escape(caption), said=said, windowed=False)


def _steps(length_mm: float, step_mm: float) -> FloatArray:
    n = max(1, int(length_mm // step_mm) + 1)
    return np.asarray((np.arange(n) - (n - 1) / 2) * step_mm)


def _spot(finding: Finding, place_mm: FloatArray, edge_mm: float) -> str:
    x, y = place_mm.tolist()
    radius = edge_mm * 0.028
    number = finding.finding_id
    return (
        f'<a href="#finding-{number}" aria-label="finding {number}"><circle class="spot" cx="{x:.1f}" cy="{y:.1f}" '
        f'r="{radius:.1f}"/><text x="{x:.1f}" y="{y:.1f}" font-size="{radius * 1.35:.1f}" text-anchor="middle" '
        f'dominant-baseline="central" style="fill:#000;stroke:none;font-weight:600">{number}</text></a>'
    )


def _point(finding: Finding) -> FloatArray:
    return np.array(finding.centre_lps_mm, dtype=np.float64)


def _png(values: FloatArray) -> str:
    dark, bright = np.percentile(values, (_DARKEST, _BRIGHTEST))
    share = np.clip((values - dark) / max(float(bright - dark), 1.0), 0, 1)
    stream = io.BytesIO()
    Image.fromarray(np.rint(share * 255).astype(np.uint8)).save(stream, format="PNG", compress_level=6)
    return "data:image/png;base64," + base64.b64encode(stream.getvalue()).decode()
