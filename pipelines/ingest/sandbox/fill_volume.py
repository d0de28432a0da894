"""The voxels of a volume file, decoded into shared memory."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..pixels.decode_fault import DecodeFault

INT16, FLOAT32 = 0, 1


def fill_volume(body: Mapping[str, Any], memory: memoryview) -> tuple[int]:
    """Write slope * stored + intercept to the start of ``memory``, int16 where nothing is lost by it, else float32.

    Returns
    -------
    tuple of int
        Which of the two it is.

    Raises
    ------
    IngestError
        ``E_TRUNCATED``, ``E_DECODE``, or ``E_FILE_CHANGED`` where the shape is not that of the plan.
    """
    path, slope, intercept = Path(body["path"]), 1.0, 0.0
    if body["kind"] == "nifti":
        from .parse_nifti import read_nifti_voxels

        stored, slope, intercept = read_nifti_voxels(path)
    else:
        from .parse_itk import read_itk_voxels

        image, stored = read_itk_voxels(path)  # noqa: RUF059 - the array shows the memory of the image
    if stored.shape != tuple(body["shape"]):
        raise DecodeFault("E_FILE_CHANGED")
    whole = _fits_int16(stored, slope, intercept)
    out = np.frombuffer(memory, np.int16 if whole else np.float32, stored.size).reshape(stored.shape)
    _fill(stored, slope, intercept, out)
    return (INT16 if whole else FLOAT32,)


def _fill(stored: npt.NDArray[Any], slope: float, intercept: float, out: npt.NDArray[Any]) -> None:
    scaled = (slope, intercept) != (1.0, 0.0)
    for k, plane in enumerate(stored):
        with np.errstate(all="ignore"):  # what is no number is found by whoever asks what the values are
            out[k] = plane * np.float64(slope) + intercept if scaled else plane


def _fits_int16(stored: npt.NDArray[Any], slope: float, intercept: float) -> bool:
    scaled = (slope, intercept) != (1.0, 0.0)
    if stored.dtype == np.int16 and not scaled:
        return True
    info = np.iinfo(np.int16)
    for plane in stored:
        with np.errstate(all="ignore"):
            values = plane * np.float64(slope) + intercept
        # a NaN is equal to nothing, so it does not fit
        if not (values == np.rint(values)).all() or values.min() < info.min or values.max() > info.max:
            return False
    return True
