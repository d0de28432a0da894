"""Lungs and what lies around them, on the samples of a coarse view."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .coarse_masks import F64, Mask, reached
from .coarse_view import CoarseView

# lung from here on counts as seen; trachea and bronchi reach 2 %
SEEN_SHARE = 0.05


@dataclass(frozen=True, eq=False)
class Chest:
    """Masks ``(k, j, i)`` and lengths (mm) of a chest.

    ``enclosed`` has thick tissue on three sides or more; ``section_mm2`` is the lungs' area per slice; ``x``, ``y``,
    ``z`` are distances from the first sample towards left, posterior, superior. ``height`` is that of the slices
    seen, ``depth`` and ``width`` lie between the 1st and 99th percentiles of the lungs, ``front`` and ``middle_x`` are
    their foremost ``y`` and middle ``x``.
    """

    view: CoarseView
    lung: Mask
    tissue: Mask
    enclosed: Mask
    section_mm2: F64
    x: F64
    y: F64
    z: F64
    height: float
    depth: float
    width: float
    front: float
    middle_x: float

    @property
    def relative_section(self) -> F64:
        """Section of the lungs per slice against the largest."""
        return np.asarray(self.section_mm2 / self.section_mm2.max())

    @property
    def body_share(self) -> float:
        """Share of the lungs in the body, in the slice with most of them."""
        largest = int(self.section_mm2.argmax())
        return float(self.lung[largest].sum() / (self.tissue | self.enclosed)[largest].sum())

    @property
    def seen(self) -> Mask:
        """Slices ``(k,)`` with more lung than an airway."""
        return np.asarray(self.relative_section > SEEN_SHARE)

    @property
    def relative_y(self) -> F64:
        """Place of each row between the front (0) and the back (1) of the lungs."""
        return np.asarray((self.y - self.front) / self.depth)

    @property
    def left(self) -> Mask:
        """Columns ``(i,)`` left of the middle of the lungs."""
        return np.asarray(self.x > self.middle_x)

    @property
    def between(self) -> Mask:
        """What has lung on its right and on its left and is none: mediastinum and heart for the most part."""
        right, left = reached(self.lung, 2)
        return np.asarray(right & left & ~self.lung)

    def lung_hu(self, percent: float) -> float:
        """Percentile of the values in the lungs."""
        return float(np.percentile(self.view.hu[self.lung], percent))
