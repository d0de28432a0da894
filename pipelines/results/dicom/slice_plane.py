"""The plane of a source slice and the image that shows it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset

from .placed_slices import PlacedSlice

FloatArray = npt.NDArray[np.float64]


def slice_plane(placed: PlacedSlice) -> FloatArray:
    """Return the 4x4 affine of a slice: (i, j, mm along its normal, 1) to LPS mm (PS3.3 C.7.6.2.1.1)."""
    along_i, along_j = np.array(placed.orientation, dtype=np.float64).reshape(2, 3)
    between_rows, between_columns = (float(value) for value in placed.pixel_spacing)
    affine = np.eye(4)
    affine[:3, 0], affine[:3, 1] = along_i * between_columns, along_j * between_rows
    affine[:3, 2], affine[:3, 3] = np.cross(along_i, along_j), np.array(placed.position, dtype=np.float64)
    return affine


def image_reference(placed: PlacedSlice) -> Dataset:
    """Return a reference to the image of a slice, with its frame where it has many (PS3.3 10.3)."""
    item = Dataset()
    item.ReferencedSOPClassUID = placed.header.SOPClassUID
    item.ReferencedSOPInstanceUID = placed.header.SOPInstanceUID
    if placed.frame is not None:
        item.ReferencedFrameNumber = placed.frame
    return item
