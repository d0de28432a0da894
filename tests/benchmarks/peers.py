"""The same steps, done with pydicom and with MONAI's own parts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pydicom
from monai.data import MetaTensor, PydicomReader
from monai.transforms import Spacing


def pydicom_headers(paths: Sequence[Path]) -> object:
    return [pydicom.dcmread(path, stop_before_pixels=True) for path in paths]


def pydicom_pixels(paths: Sequence[Path]) -> object:
    return [pydicom.dcmread(path).pixel_array for path in paths]


def monai_reader(folder: Path) -> object:
    """Pixels in HU and affine of the one series in ``folder``."""
    reader = PydicomReader()
    return reader.get_data(reader.read(folder))


def monai_spacing(image: MetaTensor, spacing_mm: float) -> object:
    """Resample ``(1, k, j, i)`` trilinearly; in float32, as ours, which MONAI does faster than its default float64."""
    return Spacing((spacing_mm,) * 3, mode="bilinear", padding_mode="border", dtype=np.float32)(image)
