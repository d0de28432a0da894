"""Which of the series that can be read are taken."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

Plane = Literal["axial", "coronal", "sagittal", "oblique"]
Per = Literal["study", "patient"]
Measure = Literal["kernel", "thickness", "spacing", "slices", "coverage"]

PROJECTIONS = ("MIP", "MINIP", "MNIP", "AIP", "VRT", "VOLREN", "SSD")  # what lies behind one another is mixed there


@dataclass(frozen=True)
class SeriesRules:
    """Conditions on a series, and which of several to keep. The default is that of chest CT: all but projections.

    What a file does not say is held against no series, but for ``image_type_has`` and the patterns, which ask for it.

    Parameters
    ----------
    modality, body_part : one of these values, case ignored; an absent body part passes. Empty for any.
    planes : orientation of the slices; oblique is more than 20 degrees from the three others. Empty for any.
    min_slices : at least so many slices.
    min_coverage_mm : at least so much from the first slice to the last.
    max_thickness_mm, max_spacing_mm : SliceThickness as said (the spacing, where nothing is said), and the distance of
        the slices as measured from their positions.
    image_type_has, image_type_lacks : values of ImageType that must all, or must not, be there.
    kernel, description, description_lacks : patterns (regular expressions, case ignored) to be found, or not to be
        found, in ConvolutionKernel and SeriesDescription. Empty for any.
    keep : so many series of each ``per``, the best by the measures ``by`` in turn; 0 keeps all.
    by : ``kernel`` (the earliest in ``kernels`` that matches), ``thickness`` and ``spacing`` (thin first), ``slices``
        and ``coverage`` (many and large first). What is equal by all is decided by the hash of the series.
    """

    modality: tuple[str, ...] = ("CT",)
    body_part: tuple[str, ...] = ()
    planes: tuple[Plane, ...] = ()
    min_slices: int = 0
    min_coverage_mm: float = 0.0
    max_thickness_mm: float = math.inf
    max_spacing_mm: float = math.inf
    image_type_has: tuple[str, ...] = ()
    image_type_lacks: tuple[str, ...] = PROJECTIONS
    kernel: str = ""
    description: str = ""
    description_lacks: str = ""
    keep: int = 0
    per: Per = "study"
    by: tuple[Measure, ...] = ("thickness", "coverage", "slices")
    kernels: tuple[str, ...] = ()
