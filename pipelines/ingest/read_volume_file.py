"""The voxels of a volume file to one HU array."""

from __future__ import annotations

from importlib.metadata import version

import numpy as np
import numpy.typing as npt

from ..records import SeriesPlan
from .ingest_error import IngestError
from .volume_values import HIGHEST_HU, LOWEST_HU, HuArray, Voxels, check_values


def read_volume_file(plan: SeriesPlan) -> Voxels:
    """Read a NIfTI, MetaImage or NRRD file; the values must be HU as they are, no offset is guessed.

    Raises
    ------
    IngestError
        ``E_TRUNCATED``, ``E_DECODE``, ``E_NAN``, ``E_NOT_HU`` or ``E_CONSTANT``.
    """
    slope, intercept = 1.0, 0.0
    if plan.kind == "nifti":
        from .nifti_file import read_nifti_voxels

        stored, slope, intercept = read_nifti_voxels(plan.path)
        decoder = f"nibabel {version('nibabel')}"
    else:
        from .itk_file import read_itk_voxels

        stored = read_itk_voxels(plan.path)
        decoder = f"SimpleITK {version('SimpleITK')}"
    if stored.shape != plan.shape_ijk[::-1]:
        raise IngestError("E_FILE_CHANGED", status="failed")
    hu = _as_hu(stored, slope, intercept)
    codes = check_values(hu, must_hold_air=True)
    return Voxels(*_clipped(hu, codes), decoder)


def _as_hu(stored: npt.NDArray[np.generic], slope: float, intercept: float) -> HuArray:
    """Scale slice by slice; int16 where nothing is lost by it."""
    scaled = (slope, intercept) != (1.0, 0.0)
    if stored.dtype == np.int16 and not scaled:
        return np.array(stored, np.int16, order="C", copy=None)
    if _fits_int16(stored, slope, intercept):
        hu: HuArray = np.empty(stored.shape, np.int16)
    else:
        hu = np.empty(stored.shape, np.float32)
    for k, plane in enumerate(stored):
        hu[k] = plane * np.float64(slope) + intercept if scaled else plane
    return hu


def _fits_int16(stored: npt.NDArray[np.generic], slope: float, intercept: float) -> bool:
    info = np.iinfo(np.int16)
    for plane in stored:
        values = plane * np.float64(slope) + intercept
        # a NaN is equal to nothing, so it does not fit
        if not (values == np.rint(values)).all() or values.min() < info.min or values.max() > info.max:
            return False
    return True


def _clipped(hu: HuArray, codes: tuple[str, ...]) -> tuple[HuArray, tuple[str, ...]]:
    too_low, too_high = bool(hu.min() < LOWEST_HU), bool(hu.max() > HIGHEST_HU)
    if too_low or too_high:
        np.clip(hu, LOWEST_HU, HIGHEST_HU, out=hu)
    return hu, (*codes, *["W_PADDING_CLIPPED"] * too_low, *["W_HIGH_CLIPPED"] * too_high)
