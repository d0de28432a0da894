"""The axes of an outline, as long as readers would measure them."""

from __future__ import annotations

from .candidate_masks import OUTLINE, CandidateMask
from .diameters import Diameters, axial_diameters


def reader_diameters(
    mask: CandidateMask, spacing_mm: tuple[float, float, float], *, plain_up_to_mm: float | None
) -> Diameters:
    """Measure a candidate (:func:`.axial_diameters`), the long axis of a large one further out than its outline.

    A probable outline is the mean of those that may be drawn, and smoother: its volume and its short axis are theirs,
    but spurs are gone, and its longest diameter is shorter, the more so the longer the outline. A long axis of more
    than ``plain_up_to_mm`` is therefore taken where the probability is 0.5 times the ratio of the two lengths. The
    limit is fitted once per set of weights; None: every axis is taken on the outline.
    """
    plain = axial_diameters(mask, spacing_mm)
    if plain_up_to_mm is None or plain.long_axis_mm <= plain_up_to_mm:
        return plain
    return axial_diameters(mask, spacing_mm, long_axis_level=OUTLINE * plain_up_to_mm / plain.long_axis_mm)
