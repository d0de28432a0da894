"""What the readers of one LIDC scan marked, as the XML says it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Pixel = tuple[int, int]


@dataclass(frozen=True, eq=False)
class Contour:
    """One closed contour in one slice.

    ``points_ij`` is int32 ``(n, 2)``: column and row of the pixels it runs through, from 0. ``included`` is False where
    it cuts a hole. ``z_mm`` is the z of ImagePositionPatient of the slice, ``sop_uid`` its SOPInstanceUID.
    """

    sop_uid: str
    z_mm: float
    included: bool
    points_ij: npt.NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Outline:
    """A nodule of 3 mm or more as one reader outlined it; ``ratings`` by characteristic, empty where there are none."""

    reader: int
    contours: tuple[Contour, ...]
    ratings: Mapping[str, int]


@dataclass(frozen=True)
class Mark:
    """A place that a reader marked by one pixel: a nodule below 3 mm, or something of 3 mm or more that is none."""

    reader: int
    is_nodule: bool
    sop_uid: str
    z_mm: float
    pixel_ij: Pixel


@dataclass(frozen=True, eq=False)
class Reading:
    """One XML file of a CT: how many readers there were, and what they outlined and marked.

    Readers are numbered as their sessions stand in the file, and anonymous: reader 0 of one scan is not reader 0 of
    another.
    """

    series_uid: str
    n_readers: int
    outlines: tuple[Outline, ...]
    marks: tuple[Mark, ...]
