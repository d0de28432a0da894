"""A volume written as a CT series, as a scanner would send it: the way every phantom enters the pipeline."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian

FloatArray = npt.NDArray[np.float64]
Edit = Callable[[int, Dataset], None]

_INTERCEPT = -1024
_DATE, _TIME = "20000101", "120000"  # valid, and plainly no real date


def write_ct_series(
    folder: Path, hu: npt.NDArray[np.int16], affine_lps: FloatArray, *, seed: int = 0, edit: Edit | None = None
) -> tuple[Path, ...]:
    """Write a volume as CT Image Storage files, one per slice, explicit little endian.

    Parameters
    ----------
    folder
        Made where missing. File names are drawn from the seed and say nothing of the order.
    hu
        ``(k, j, i)``, int16, at least -1024 (stored as HU + 1024).
    affine_lps
        4x4, voxel (i, j, k) to LPS mm. The first two columns must be at right angles; the third may be sheared.
    seed
        UIDs, names and patient are derived from it: the same seed gives the same bytes.
    edit
        ``edit(k, dataset)`` may change each dataset before it is saved.

    Returns
    -------
    tuple of Path
        The files, in the order of k.
    """
    if int(hu.min()) < _INTERCEPT:
        raise ValueError(f"hu must be at least {_INTERCEPT}, found {int(hu.min())}")
    folder.mkdir(parents=True, exist_ok=True)
    names = _names(len(hu), seed)
    paths = []
    for k, plane in enumerate(hu):
        ds = _slice_dataset(k, plane, affine_lps, seed)
        if edit is not None:
            edit(k, ds)
        ds.save_as(folder / names[k], enforce_file_format=True)
        paths.append(folder / names[k])
    return tuple(paths)


def _names(n: int, seed: int) -> list[str]:
    numbers = random.Random(seed).sample(range(16**7), n)
    return [f"{number:07x}" for number in numbers]


def _uid(seed: int, *parts: object) -> str:
    digest = hashlib.sha256(repr((seed, *parts)).encode()).digest()
    return f"2.25.{int.from_bytes(digest[:16], 'big')}"


def _ds(value: float) -> str:
    """Most precise decimal string of at most 16 characters (VR DS)."""
    for digits in range(17, 0, -1):
        text = f"{value:.{digits}g}"
        if len(text) <= 16:
            return text
    raise ValueError(f"no decimal string for {value}")


def _slice_dataset(k: int, plane: npt.NDArray[np.int16], affine: FloatArray, seed: int) -> Dataset:
    sop_uid = _uid(seed, "instance", k)
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = CTImageStorage
    meta.MediaStorageSOPInstanceUID = sop_uid
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.ImplementationClassUID = _uid(0, "implementation")
    ds = Dataset()
    ds.file_meta = meta
    ds.SOPClassUID, ds.SOPInstanceUID = CTImageStorage, sop_uid
    _describe(ds, k, seed)
    _place(ds, k, affine)
    _fill(ds, plane)
    return ds


def _describe(ds: Dataset, k: int, seed: int) -> None:
    ds.PatientName, ds.PatientID = f"PHANTOM^{seed}", f"PHANTOM{seed}"
    ds.PatientBirthDate, ds.PatientSex = "", "O"
    ds.StudyInstanceUID, ds.SeriesInstanceUID = _uid(seed, "study"), _uid(seed, "series")
    ds.FrameOfReferenceUID, ds.PositionReferenceIndicator = _uid(seed, "frame"), ""
    ds.StudyID, ds.SeriesNumber, ds.AcquisitionNumber, ds.InstanceNumber = "1", 1, 1, k + 1
    ds.StudyDate = ds.SeriesDate = ds.ContentDate = _DATE
    ds.StudyTime = ds.SeriesTime = ds.ContentTime = _TIME
    ds.AccessionNumber, ds.ReferringPhysicianName = "", ""
    ds.Manufacturer, ds.Modality, ds.BodyPartExamined = "resmtnet phantom", "CT", "CHEST"
    ds.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    ds.KVP, ds.PatientPosition = "120", "HFS"


def _place(ds: Dataset, k: int, affine: FloatArray) -> None:
    column, row, step = affine[:3, 0], affine[:3, 1], affine[:3, 2]
    along_i, along_j = column / np.linalg.norm(column), row / np.linalg.norm(row)
    ds.ImageOrientationPatient = [_ds(v) for v in (*along_i, *along_j)]
    ds.ImagePositionPatient = [_ds(v) for v in affine[:3, 3] + k * step]
    # between rows first (DICOM PS3.3 10.7.1.3)
    ds.PixelSpacing = [_ds(float(np.linalg.norm(row))), _ds(float(np.linalg.norm(column)))]
    ds.SliceThickness = _ds(abs(float(np.cross(along_i, along_j) @ step)))


def _fill(ds: Dataset, plane: npt.NDArray[np.int16]) -> None:
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.Rows, ds.Columns = plane.shape
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 16, 16, 15, 1
    ds.RescaleIntercept, ds.RescaleSlope, ds.RescaleType = _INTERCEPT, 1, "HU"
    stored = plane.astype(np.int32) - _INTERCEPT
    if int(stored.max()) > np.iinfo(np.int16).max:
        raise ValueError("hu above 31743 does not fit into 16 bits with the intercept")
    ds.PixelData = stored.astype("<i2").tobytes()
    ds["PixelData"].VR = "OW"
