"""``rtstruct.dcm``: the outlines of the findings as an RT Structure Set."""

from __future__ import annotations

import numpy as np
from pydicom.dataset import Dataset
from pydicom.uid import RTStructureSetStorage

from ...records import CaseResult, Finding, Volume
from ..research_use import RESEARCH_USE
from .dicom_bytes import dicom_bytes
from .new_object import new_object
from .pixel_outlines import FloatArray, pixel_outlines
from .placed_slices import PlacedSlice, placed_slices
from .segment_colour import segment_colour
from .segments import Segment, segments
from .slice_plane import image_reference, slice_plane
from .source_headers import source_headers
from .tracking_id import tracking_id

_STUDY_CLASS = (
    "1.2.840.10008.3.1.2.3.1"  # Detached Study Management: retired, and still what RT objects name a study by
)
_DIGITS = 4  # of millimetres: a ten-thousandth is far below any voxel and keeps DS within 16 characters


def rtstruct_dcm(result: CaseResult, volume: Volume | None) -> bytes | None:
    """Encode one ROI for each finding, a closed planar contour for each part of it on each slice of the source.

    Contours run along the edges of pixels (:func:`.pixel_outlines`, which says what becomes of holes), in LPS mm on the
    plane of their slice, whatever its tilt and distance to the next; those of a multi-frame file refer to their frame.
    A finding without segment (:func:`.segments`) has no ROI; ROI numbers are finding ids.

    Returns
    -------
    bytes or None
        None for a case that is no DICOM series, or where there is nothing to outline (PS3.3 C.8.8.5 asks for an ROI).
    """
    headers = None if volume is None else source_headers(volume)
    slices = None if volume is None else placed_slices(volume)
    found = () if volume is None else segments(result, volume)
    if headers is None or slices is None or not found:
        return None
    made = new_object(result, headers[0], RTStructureSetStorage, what="rtstruct", series="rtstruct series")
    made.Modality, made.SeriesDescription = "RTSTRUCT", "AI lung nodules, structures (research use only)"
    made.InstanceNumber, made.OperatorsName = 1, ""
    made.StructureSetLabel, made.StructureSetDescription = "Nodules", RESEARCH_USE
    made.StructureSetDate = made.StructureSetTime = ""  # filled in by dicom_bytes
    made.ApprovalStatus = "UNAPPROVED"
    made.FrameOfReferenceUID, made.PositionReferenceIndicator = headers[0].FrameOfReferenceUID, ""
    made.ReferencedFrameOfReferenceSequence = [_frame_of_reference(headers)]
    made.StructureSetROISequence = [_roi(segment.finding, headers[0]) for segment in found]
    made.ROIContourSequence = [_contours(slices, segment) for segment in found]
    made.RTROIObservationsSequence = [_observation(segment.finding) for segment in found]
    return dicom_bytes(made, headers[0])


def _frame_of_reference(headers: tuple[Dataset, ...]) -> Dataset:
    series = Dataset()
    series.SeriesInstanceUID = headers[0].SeriesInstanceUID
    series.ContourImageSequence = [_instance(header) for header in headers]
    study = Dataset()
    study.ReferencedSOPClassUID, study.ReferencedSOPInstanceUID = _STUDY_CLASS, headers[0].StudyInstanceUID
    study.RTReferencedSeriesSequence = [series]
    frame = Dataset()
    frame.FrameOfReferenceUID = headers[0].FrameOfReferenceUID
    frame.RTReferencedStudySequence = [study]
    return frame


def _instance(header: Dataset) -> Dataset:
    item = Dataset()
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = header.SOPClassUID, header.SOPInstanceUID
    return item


def _roi(finding: Finding, header: Dataset) -> Dataset:
    roi = Dataset()
    roi.ROINumber, roi.ROIName = finding.finding_id, tracking_id(finding)
    roi.ReferencedFrameOfReferenceUID = header.FrameOfReferenceUID
    roi.ROIDescription = f"Detection probability {finding.probability:.2f}"
    roi.ROIGenerationAlgorithm = "AUTOMATIC"
    return roi


def _contours(slices: tuple[PlacedSlice, ...], segment: Segment) -> Dataset:
    number = segment.finding.finding_id
    contours = [
        _contour(slices[n], outline + segment.start_ji)
        for n, mask in segment.planes.items()
        for outline in pixel_outlines(mask)
    ]
    for count, contour in enumerate(contours, start=1):
        contour.ContourNumber = count
    item = Dataset()
    item.ROIDisplayColor = list(segment_colour(segment.number).to_rgb(clip=True))
    item.ReferencedROINumber = number
    item.ContourSequence = contours
    return item


def _contour(placed: PlacedSlice, outline_ji: FloatArray) -> Dataset:
    plane = slice_plane(placed)[:3]
    points = outline_ji[:, ::-1] @ plane[:, :2].T + plane[:, 3]
    contour = Dataset()
    contour.ContourImageSequence = [image_reference(placed)]
    contour.ContourGeometricType, contour.NumberOfContourPoints = "CLOSED_PLANAR", len(points)
    contour.ContourData = [f"{value:.{_DIGITS}f}" for value in (np.round(points, _DIGITS) + 0.0).ravel()]
    return contour


def _observation(finding: Finding) -> Dataset:
    item = Dataset()
    item.ObservationNumber, item.ReferencedROINumber = finding.finding_id, finding.finding_id
    item.ROIObservationLabel = tracking_id(finding)
    item.RTROIInterpretedType, item.ROIInterpreter = "", ""
    return item
