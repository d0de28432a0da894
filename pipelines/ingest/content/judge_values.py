"""Whether the values can be Hounsfield units of a chest."""

from __future__ import annotations

import numpy as np

from ..pixels.volume_values import LOWEST_HU
from .chest import Chest
from .coarse_view import CoarseView
from .find_chest import TISSUE_HU

# air has -1000 HU and lung -950 to -600; halved values (-500) and 8-bit or shifted ones have nothing below this
_DARK_HU, _DARK_PERCENT = -700.0, 1
# the commonest tissue: fat (-120 to -80 HU), soft tissue (0 to 80), in a narrow view blood with contrast medium (400)
_COMMONEST_HU = (-160.0, 400.0)
_BIN_HU = 20.0
_BRIGHTEST_HU = 1000.0
# cortical bone and metal; up to 2.2 % of the tissue in the scans at hand, while lost intercepts put all tissue there
_BONE_HU, _MOST_BONE = 600.0, 0.3
# less tissue than this is no body, and its commonest value tells nothing
_LEAST_TISSUE = 0.03
# a view into the lung alone is mostly this, and may hold little tissue
_LUNG_HU, _LEAST_LUNG = (-900.0, -600.0), 0.2
# emphysema stays above -980 HU; doubled values have -1700, or all -1024 where they were clipped
_EMPTY_LUNG_HU = -1015.0
# of the body; gas in bowel or airway is narrower
_WIDE_SHARE = 0.15


def values_implausible(view: CoarseView, chest: Chest | None) -> bool:
    """Ask whether air, lung or soft tissue is missing where it should be in the histogram.

    Told are a lost or twice applied intercept, inverted values, and a scale off by about 1.5 or more. Not told are
    shifts of less than about 100 HU and small errors of scale: scanners, contrast medium and noise do as much.
    """
    inside = view.hu[view.hu > LOWEST_HU]
    if inside.size == 0 or np.percentile(inside, _DARK_PERCENT) > _DARK_HU:
        return True
    tissue = view.hu[view.hu >= TISSUE_HU]
    if tissue.size < _LEAST_TISSUE * view.hu.size:
        return not _is_lung(view)
    counts, edges = np.histogram(tissue, np.arange(TISSUE_HU, _BRIGHTEST_HU + 1, _BIN_HU))
    commonest = float(edges[counts.argmax()]) + _BIN_HU / 2
    if not _COMMONEST_HU[0] < commonest < _COMMONEST_HU[1] or np.mean(tissue > _BONE_HU) > _MOST_BONE:
        return True
    return chest is not None and chest.lung_hu(50) <= _EMPTY_LUNG_HU and chest.body_share >= _WIDE_SHARE


def _is_lung(view: CoarseView) -> bool:
    low, high = _LUNG_HU
    return bool(np.mean((view.hu > low) & (view.hu < high)) >= _LEAST_LUNG)
