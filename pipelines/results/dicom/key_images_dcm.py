"""``dicom/key_images/finding_01.dcm`` ...: each finding on its slice, for archives that show nothing else."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes
from pydicom.uid import SecondaryCaptureImageStorage
from scipy.ndimage import binary_dilation

from ...records import CaseResult, Finding, Volume
from ..research_use import RESEARCH_USE
from ..window import LUNG, grey
from .dicom_bytes import dicom_bytes, source_date
from .grid_slices import grid_slices
from .key_place import key_place
from .new_object import new_object
from .placed_slices import PlacedSlice, placed_slices
from .segments import segments
from .slice_plane import FloatArray, image_reference, slice_plane
from .tracking_id import tracking_id

OUTLINE_RGB = (255, 205, 40)
_TOWARDS = (("L", "R"), ("P", "A"), ("H", "F"))  # high and low end of x, y and z in LPS
_LEAST_COSINE = 0.1  # 6 degrees: a smaller part of a direction is not named


def key_images_dcm(result: CaseResult, volume: Volume | None) -> Mapping[str, bytes] | None:
    """Encode one secondary capture for each finding: its key slice in the lung window, as it lies in the source.

    The outline, one pixel wide, runs round the finding and covers none of it. No text is drawn, so BurnedInAnnotation
    is NO and no filter for burned-in identity holds the images back; right and left are said by PatientOrientation,
    which viewers show, size and "research use only" by the descriptions of series and image.

    Returns
    -------
    mapping of str to bytes, or None
        By file name; None for a case that is no DICOM series or has no finding.
    """
    slices = None if volume is None else placed_slices(volume)
    if volume is None or slices is None or not result.findings:
        return None
    by_id = {segment.finding.finding_id: segment for segment in segments(result, volume)}
    shown, images = grid_slices(volume.plan), {}
    for finding in result.findings:
        n = key_place(volume, finding, by_id.get(finding.finding_id))
        picture = _picture(volume, finding, shown[n])
        images[f"finding_{finding.finding_id:02d}.dcm"] = _image(result, finding, slices[n], picture)
    return images


def _image(result: CaseResult, finding: Finding, placed: PlacedSlice, picture: npt.NDArray[np.uint8]) -> bytes:
    what = f"sc {finding.finding_id}"
    made = new_object(result, placed.header, SecondaryCaptureImageStorage, what=what, series="sc series")
    made.Modality, made.SeriesDescription = "OT", "AI lung nodules, key images (research use only)"
    made.BodyPartExamined = "CHEST"  # no paired part, so that no Laterality is asked for
    made.InstanceNumber, made.ConversionType = finding.finding_id, "WSD"
    made.ImageType = ["DERIVED", "SECONDARY"]
    made.ContentDate = made.ContentTime = ""  # filled in by dicom_bytes
    made.DateOfSecondaryCapture, made.TimeOfSecondaryCapture = source_date(placed.header)
    window = f"{LUNG.low_hu:.0f} to {LUNG.high_hu:.0f} HU"
    made.DerivationDescription = f"{tracking_id(finding)} outlined on its slice, lung window {window}"
    axes = f"{finding.long_axis_mm:.1f} x {finding.short_axis_mm:.1f} mm"
    made.ImageComments = (
        f"{tracking_id(finding)}, detection probability {finding.probability:.2f}, {axes}. {RESEARCH_USE}"
    )
    made.SourceImageSequence = [_source(placed)]
    made.PatientOrientation = [_direction(slice_plane(placed)[:3, axis]) for axis in (0, 1)]
    made.PixelSpacing = list(placed.pixel_spacing)
    made.BurnedInAnnotation = "NO"
    _fill(made, picture)
    return dicom_bytes(made, placed.header)


def _source(placed: PlacedSlice) -> Dataset:
    item = image_reference(placed)
    purpose, code = Dataset(), codes.DCM.SourceImageForImageProcessingOperation
    purpose.CodeValue, purpose.CodingSchemeDesignator, purpose.CodeMeaning = code.value, "DCM", code.meaning
    item.PurposeOfReferenceCodeSequence = [purpose]
    return item


def _direction(axis: FloatArray) -> str:
    """Name a direction by its parts, the largest first (PS3.3 C.7.6.1.1.1)."""
    cosines = axis / np.linalg.norm(axis)
    parts = [n for n in np.argsort(-np.abs(cosines), kind="stable") if abs(cosines[n]) >= _LEAST_COSINE]
    return "".join(_TOWARDS[n][0 if cosines[n] > 0 else 1] for n in parts)


def _picture(volume: Volume, finding: Finding, k: int) -> npt.NDArray[np.uint8]:
    picture = np.repeat(grey(volume.hu[k], LUNG)[..., None], 3, axis=-1)
    picture[_ring(finding, k, picture.shape[:2])] = OUTLINE_RGB
    return picture


def _ring(finding: Finding, k: int, shape: tuple[int, ...]) -> npt.NDArray[np.bool_]:
    """Return the pixels next to the finding on slice ``k``, corners included."""
    start_k, j, i = finding.mask.start_kji
    mask = np.zeros(shape, dtype=bool)
    if 0 <= k - start_k < len(finding.mask.voxels):
        voxels = finding.mask.voxels[k - start_k]
        mask[j : j + voxels.shape[0], i : i + voxels.shape[1]] = voxels
    around: npt.NDArray[np.bool_] = binary_dilation(mask, np.ones((3, 3), dtype=bool))
    return around & ~mask


def _fill(made: Dataset, picture: npt.NDArray[np.uint8]) -> None:
    made.SamplesPerPixel, made.PhotometricInterpretation, made.PlanarConfiguration = 3, "RGB", 0
    made.Rows, made.Columns = picture.shape[:2]
    made.BitsAllocated, made.BitsStored, made.HighBit, made.PixelRepresentation = 8, 8, 7, 0
    data = picture.tobytes()
    made.PixelData = data + b"\0" * (len(data) % 2)
    made["PixelData"].VR = "OB"
