"""What highdicom has to know of a source slice, and no more."""

from __future__ import annotations

from pydicom.dataset import Dataset
from pydicom.uid import CTImageStorage

from .identity_of import without_identity
from .placed_slices import PlacedSlice


def stand_in(source: PlacedSlice, n: int) -> Dataset:
    """Return slice ``n`` (from 0) as an image of one frame, be it one of many in its file; without patient or scanner.

    highdicom takes one multi-frame image or many single-frame ones, and refuses orientations that differ by their
    rounding. Its instance UID is made up of ``n``: :func:`.link_sources` puts the true references in its place.
    """
    image = without_identity(source.header)
    image.SOPClassUID, image.SOPInstanceUID = CTImageStorage, stand_in_uid(n)
    image.ImagePositionPatient = list(source.position)
    image.ImageOrientationPatient = list(source.orientation)
    image.PixelSpacing = list(source.pixel_spacing)
    image.SliceThickness = 1 if source.thickness is None else source.thickness
    return image


def stand_in_uid(n: int) -> str:
    """Return the instance UID of the stand-in of slice ``n``."""
    return f"2.25.{n + 1}"
