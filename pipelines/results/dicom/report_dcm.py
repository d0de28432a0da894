"""``dicom/report.dcm``: the measurements, each group pointing at its segment of ``segmentation.dcm``."""

from __future__ import annotations

from highdicom.sr import (
    ContentSequence,
    MeasurementsAndQualitativeEvaluations,
    ReferencedSegment,
    SourceSeriesForSegmentation,
    VolumetricROIMeasurementsAndQualitativeEvaluations,
)
from pydicom.dataset import Dataset
from pydicom.uid import SegmentationStorage

from ...records import CaseResult, Finding, Volume
from .measurement_group import measurement_group
from .report_base import report_bytes
from .result_uid import result_uid
from .segments import segments
from .source_headers import source_headers


def report_dcm(result: CaseResult, volume: Volume | None) -> bytes | None:
    """Encode a Measurement Report with one Volumetric ROI group (TID 1411) for each finding, most probable first.

    The groups refer to the BINARY segmentation by the UID it has whenever it is written. A finding without segment
    (:func:`.segments`) has a group without region (TID 1501). Written also where nothing was found.

    Returns
    -------
    bytes or None
        None for a case that is no DICOM series to which an object can refer.
    """
    headers = None if volume is None else source_headers(volume)
    if volume is None or headers is None:
        return None
    numbers = {segment.finding.finding_id: segment.number for segment in segments(result, volume)}
    findings = sorted(result.findings, key=lambda finding: finding.finding_id)
    return report_bytes(
        result,
        headers,
        [_group(result, finding, numbers.get(finding.finding_id), headers[0]) for finding in findings],
        what="sr",
        description="AI lung nodules, report (research use only)",
        evidence=[_segmentation(result, headers[0])] if numbers else [],
    )


def _group(result: CaseResult, finding: Finding, number: int | None, header: Dataset) -> ContentSequence:
    common = measurement_group(result, finding)
    if number is None:
        return MeasurementsAndQualitativeEvaluations(**common)
    return VolumetricROIMeasurementsAndQualitativeEvaluations(
        referenced_segment=ReferencedSegment(
            sop_class_uid=SegmentationStorage,
            sop_instance_uid=result_uid(result, "seg"),
            segment_number=number,
            source_series=SourceSeriesForSegmentation(header.SeriesInstanceUID),
        ),
        **common,
    )


def _segmentation(result: CaseResult, header: Dataset) -> Dataset:
    instance = Dataset()
    instance.SOPClassUID, instance.SOPInstanceUID = SegmentationStorage, result_uid(result, "seg")
    instance.StudyInstanceUID, instance.SeriesInstanceUID = header.StudyInstanceUID, result_uid(result, "seg series")
    return instance
