"""A DICOM image by pydicom, as grey values."""

from __future__ import annotations

import io
import logging
import math
import warnings
from typing import Any

import numpy as np
import numpy.typing as npt
import pydicom
from pydicom.pixels import apply_color_lut, pixel_array

from ..header.transfer_syntaxes import TRANSFER_SYNTAXES
from ..pixels.decode_fault import DecodeFault
from .grey_values import from_rgb, scaled
from .picture_facts import MAX_FRAMES, PictureFacts

_CT = ("CT",)
_UNCOMPRESSED = tuple(uid for uid, syntax in TRANSFER_SYNTAXES.items() if not syntax.encapsulated)
_LOSSY = ("1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51", "1.2.840.10008.1.2.4.81", "1.2.840.10008.1.2.4.91")
_LOSSY_TOO = ("1.2.840.10008.1.2.4.203",)
_READ = {*TRANSFER_SYNTAXES, *_LOSSY, *_LOSSY_TOO}
_TWO_D, _CM = 1, 3  # RegionSpatialFormat, PhysicalUnits (PS3.3 C.8.5.5)
Array = npt.NDArray[Any]


def parse_dicom_picture(
    data: bytes, frame: int, window_hu: tuple[float, float], max_pixels: int
) -> tuple[npt.NDArray[np.float32], PictureFacts]:
    """Decode one frame to grey ``(rows, columns)``; see :func:`.read_picture`.

    Raises
    ------
    IngestError
        What the header or the decoder found.
    """
    warnings.simplefilter("ignore")
    logging.disable()
    pydicom.config.settings.reading_validation_mode = pydicom.config.IGNORE
    try:
        dataset = pydicom.dcmread(io.BytesIO(data), force=True)  # what it is was told from its first bytes
        facts = _judge(dataset, frame, max_pixels)
        values, photometric = _stored(dataset, frame)
        return _grey(dataset, values, photometric, window_hu), facts
    except (DecodeFault, MemoryError):
        raise
    except EOFError:
        raise DecodeFault("cut short") from None
    except Exception:  # noqa: BLE001 - whatever the library raises is a fault of the file
        raise DecodeFault("decoder") from None


def _judge(dataset: Any, frame: int, max_pixels: int) -> PictureFacts:
    if "PixelData" not in dataset:
        raise DecodeFault("E_NO_PIXELS")
    syntax = _syntax(dataset)
    if syntax not in _READ:
        raise DecodeFault("E_TRANSFER_SYNTAX")
    rows, columns, n_frames = int(dataset.Rows), int(dataset.Columns), int(dataset.get("NumberOfFrames") or 1)
    if min(rows, columns, n_frames) < 1 or n_frames > MAX_FRAMES:
        raise DecodeFault("E_BAD_HEADER")
    if rows * columns > max_pixels:
        raise DecodeFault("picture size", rows, columns, max_pixels)
    if frame >= n_frames:
        raise DecodeFault("no frame", frame + 1, n_frames)
    if syntax in _UNCOMPRESSED:
        _check_length(dataset, rows * columns * n_frames)
    return PictureFacts(
        rows=rows,
        columns=columns,
        n_frames=n_frames,
        kind="dicom",
        modality=str(dataset.get("Modality") or ""),
        spacing_mm=_spacing(dataset),
        lossy=syntax in (*_LOSSY, *_LOSSY_TOO) or str(dataset.get("LossyImageCompression")) == "01",
        burned_in=str(dataset.get("BurnedInAnnotation")) == "YES",
    )


def _syntax(dataset: Any) -> str:
    """Transfer syntax; without meta information the coding that the elements were read by."""
    meta = getattr(dataset, "file_meta", None)
    if meta is None or "TransferSyntaxUID" not in meta:
        implicit, little = dataset.original_encoding
        uid = pydicom.uid.ImplicitVRLittleEndian if implicit else pydicom.uid.ExplicitVRLittleEndian
        if not little:
            raise DecodeFault("E_TRANSFER_SYNTAX")
        dataset.ensure_file_meta()
        dataset.file_meta.TransferSyntaxUID = uid
    return str(dataset.file_meta.TransferSyntaxUID)


def _check_length(dataset: Any, pixels: int) -> None:
    samples, bits = int(dataset.SamplesPerPixel), int(dataset.BitsAllocated)
    halved = samples == 3 and dataset.PhotometricInterpretation == "YBR_FULL_422"
    needed = pixels * (2 if halved else samples) * bits // 8
    if len(dataset.PixelData) < needed:
        raise DecodeFault("truncated", needed - len(dataset.PixelData))


def _stored(dataset: Any, frame: int) -> tuple[Array, str]:
    """Give the stored values of one frame, colours as RGB, and their meaning."""
    photometric = str(dataset.PhotometricInterpretation)
    samples, allocated = int(dataset.SamplesPerPixel), int(dataset.BitsAllocated)
    if allocated not in (8, 16) or samples not in (1, 3):
        raise DecodeFault("picture mode")
    values = pixel_array(dataset, index=frame)  # YBR becomes RGB
    if photometric == "PALETTE COLOR":
        values = apply_color_lut(values, dataset)
    return values, photometric


def _grey(dataset: Any, values: Array, photometric: str, window_hu: tuple[float, float]) -> npt.NDArray[np.float32]:
    if photometric == "PALETTE COLOR":
        return from_rgb(values, int(np.iinfo(values.dtype).max))
    stored = int(dataset.BitsStored)
    if values.ndim == 3:
        return from_rgb(values, 2**stored - 1)
    if photometric not in ("MONOCHROME1", "MONOCHROME2"):
        raise DecodeFault("picture mode")
    if str(dataset.get("Modality")) in _CT:
        return _windowed(dataset, values, window_hu)
    lowest = -(2 ** (stored - 1)) if int(dataset.PixelRepresentation) == 1 else 0
    grey = scaled(values.astype(np.int64) - lowest, 2**stored - 1)
    return 1 - grey if photometric == "MONOCHROME1" else grey


def _windowed(dataset: Any, values: Array, window_hu: tuple[float, float]) -> npt.NDArray[np.float32]:
    """CT values in HU (PS3.3 C.11.1), over the window."""
    if dataset.get("RescaleSlope") is None or dataset.get("RescaleIntercept") is None:
        raise DecodeFault("E_NO_RESCALE")
    slope, intercept = float(dataset.RescaleSlope), float(dataset.RescaleIntercept)
    if not (math.isfinite(slope) and math.isfinite(intercept)) or slope == 0:
        raise DecodeFault("E_BAD_RESCALE")
    low, high = window_hu
    grey: npt.NDArray[np.float32] = ((values * slope + intercept - low) / (high - low)).astype(np.float32)
    return grey


def _spacing(dataset: Any) -> tuple[float, float] | None:
    """Spacing in mm: that of the ultrasound regions where they are in cm and agree, else PixelSpacing."""
    regions = dataset.get("SequenceOfUltrasoundRegions") or ()
    planes = [region for region in regions if region.get("RegionSpatialFormat") == _TWO_D]
    if planes:
        found = {_of_region(region) for region in planes}
        return found.pop() if len(found) == 1 else None
    spacing = dataset.get("PixelSpacing")
    return None if spacing is None or len(spacing) != 2 else (float(spacing[0]), float(spacing[1]))


def _of_region(region: Any) -> tuple[float, float] | None:
    units = (region.get("PhysicalUnitsXDirection"), region.get("PhysicalUnitsYDirection"))
    deltas = (region.get("PhysicalDeltaY"), region.get("PhysicalDeltaX"))
    if units != (_CM, _CM) or None in deltas:
        return None
    down, across = (abs(float(delta)) * 10 for delta in deltas)
    return round(down, 6), round(across, 6)
