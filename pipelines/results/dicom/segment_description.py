"""What a segment is, in the codes of DICOM."""

from __future__ import annotations

from highdicom.seg import SegmentAlgorithmTypeValues, SegmentDescription
from highdicom.sr import CodedConcept
from pydicom.sr.coding import Code

from ...records import CaseResult
from .algorithm import algorithm
from .result_uid import result_uid
from .segment_colour import segment_colour
from .segments import Segment
from .tracking_id import tracking_id

ABNORMAL_STRUCTURE = Code("49755003", "SCT", "Morphologically Abnormal Structure")  # CID 7150
NODULE = Code("27925004", "SCT", "Nodule")
LUNG = Code("39607008", "SCT", "Lung")  # CID 4031
SIDES = {"right": Code("24028007", "SCT", "Right"), "left": Code("7771000", "SCT", "Left")}  # CID 244


def segment_description(segment: Segment, result: CaseResult) -> SegmentDescription:
    """Describe a segment (PS3.3 C.8.20.4): a nodule of the lung, its side where known, found by the algorithm."""
    finding = segment.finding
    description = SegmentDescription(
        segment_number=segment.number,
        segment_label=tracking_id(finding),
        segmented_property_category=ABNORMAL_STRUCTURE,
        segmented_property_type=NODULE,
        algorithm_type=SegmentAlgorithmTypeValues.AUTOMATIC,
        algorithm_identification=algorithm(result),
        tracking_uid=result_uid(result, f"finding {finding.finding_id}"),
        tracking_id=tracking_id(finding),
        anatomic_regions=[LUNG],
        display_color=segment_colour(segment.number),
    )
    if finding.lung_side in SIDES:
        description.AnatomicRegionSequence[0].AnatomicRegionModifierSequence = [
            CodedConcept.from_code(SIDES[finding.lung_side])
        ]
    return description
