"""``dicom/segmentation.dcm``: the findings as a DICOM Segmentation on the slices they were found in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt
from highdicom.seg import Segmentation, SegmentationTypeValues
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRLittleEndian, RLELossless

from ...records import CaseResult, Volume
from ..research_use import RESEARCH_USE
from .dicom_bytes import dicom_bytes
from .equipment import equipment, series_number
from .link_sources import link_sources
from .placed_slices import PlacedSlice, placed_slices
from .result_uid import result_uid
from .segment_description import segment_description
from .segments import Segment, segments
from .stand_in import stand_in

Kind = Literal["BINARY", "LABELMAP"]
Labels = npt.NDArray[np.uint8] | npt.NDArray[np.uint16]
_WHAT = {"BINARY": "seg", "LABELMAP": "seg labelmap"}
_SYNTAX = {"BINARY": ExplicitVRLittleEndian, "LABELMAP": RLELossless}


def segmentation_dcm(result: CaseResult, volume: Volume | None, *, kind: Kind = "BINARY") -> bytes | None:
    """Encode the findings as one instance of Segmentation (PS3.3 A.51) or Label Map Segmentation (A.51, Sup 243).

    One segment for each finding, in the order of probability, and one frame for each slice of the source a segment has
    voxels on, at the place that the slice's own header gives it: whatever way the volume is tilted or spaced, and the
    pixels are those of the source. Where gaps of the series were filled (``W_RESAMPLED``), slices that were made up
    have no instance to stand for: voxels there are left out, and so is a finding that has no others; slices that stand
    unevenly have the voxels of the nearest slice of the volume. Segments of a BINARY one may overlap; in a LABELMAP a
    voxel belongs to the most probable finding, as in ``nodules.nii.gz``.

    Returns
    -------
    bytes or None
        None where nothing was found, or the source is no DICOM series to which an object can refer.

    Raises
    ------
    ValueError
        A mask that does not fit the grid.
    IngestError
        As :func:`.placed_slices`.
    """
    if volume is None or not result.findings:
        return None
    slices, found = placed_slices(volume), segments(result, volume, apart=kind == "LABELMAP")
    if slices is None or not found:
        return None
    shown = sorted({n for segment in found for n in segment.planes})
    taken = [slices[n] for n in shown]
    made = _segmentation(result, kind, found, taken, _pixels(found, shown, volume.hu.shape[1:]))
    made.DimensionOrganizationSequence[0].DimensionOrganizationUID = result_uid(result, f"{_WHAT[kind]} dimensions")
    for index in made.DimensionIndexSequence:
        index.DimensionOrganizationUID = result_uid(result, f"{_WHAT[kind]} dimensions")
    return dicom_bytes(link_sources(made, taken, volume.plan), slices[0].header)


def _segmentation(
    result: CaseResult, kind: Kind, found: Sequence[Segment], taken: Sequence[PlacedSlice], pixels: Labels
) -> Dataset:
    what = _WHAT[kind]
    return Segmentation(
        source_images=[stand_in(each, n) for n, each in enumerate(taken)],
        pixel_array=pixels,
        segmentation_type=SegmentationTypeValues(kind),
        segment_descriptions=[segment_description(segment, result) for segment in found],
        series_instance_uid=result_uid(result, f"{what} series"),
        series_number=series_number(taken[0].header, f"{what} series"),
        sop_instance_uid=result_uid(result, what),
        instance_number=1,
        content_label="LUNG_NODULES",
        content_description=f"AI lung nodules. {RESEARCH_USE}",
        series_description="AI lung nodules, outlines (research use only)",
        transfer_syntax_uid=_SYNTAX[kind],
        **equipment(result),
    )


def _pixels(found: Sequence[Segment], shown: Sequence[int], shape_ji: Sequence[int]) -> Labels:
    """Draw the segments: values ``(n, j, i)`` where they lie apart, else bits ``(n, j, i, segment)``."""
    labels = np.zeros((len(shown), *shape_ji), np.uint8 if len(found) < 2**8 else np.uint16)
    row_of = {n: row for row, n in enumerate(shown)}
    for segment in found:
        for n, pixels in segment.planes.items():
            place = _place(segment, pixels)
            if labels[row_of[n]][place][pixels].any():
                return _overlapping(found, row_of, shape_ji)
            labels[row_of[n]][place][pixels] = segment.number
    return labels


def _overlapping(found: Sequence[Segment], row_of: dict[int, int], shape_ji: Sequence[int]) -> Labels:
    # segment by segment in memory: frames without it are never written to, so they take next to none
    bits = np.zeros((len(found), len(row_of), *shape_ji), np.uint8)
    for segment in found:
        for n, pixels in segment.planes.items():
            bits[segment.number - 1, row_of[n]][_place(segment, pixels)] = pixels
    return np.moveaxis(bits, 0, -1)


def _place(segment: Segment, pixels: npt.NDArray[np.bool_]) -> tuple[slice, slice]:
    (row, column), (height, width) = segment.start_ji, pixels.shape
    return slice(row, row + height), slice(column, column + width)
