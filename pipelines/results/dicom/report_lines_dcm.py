"""``dicom/report_lines.dcm``: the measurements, each group with the long axis as a line on its slice."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from highdicom.sr import (
    GraphicTypeValues,
    GraphicTypeValues3D,
    ImageRegion,
    ImageRegion3D,
    PlanarROIMeasurementsAndQualitativeEvaluations,
    SourceImageForRegion,
)
from pydicom.sr.codedict import codes

from ...records import CaseResult, Finding, Volume
from .key_place import key_place
from .measurement_group import measurement_group
from .placed_slices import PlacedSlice, placed_slices
from .report_base import report_bytes
from .segments import segments
from .slice_plane import slice_plane
from .source_headers import source_headers

FloatArray = npt.NDArray[np.float64]

MOST_SHORTENED = 0.1
"""Share of its length that a line may lose on the slice it is drawn on: that of a gantry tilt of 25 degrees."""


def report_lines_dcm(result: CaseResult, volume: Volume | None) -> bytes | None:
    """Encode a Measurement Report with one Planar ROI group (TID 1410) for each finding, most probable first.

    The region is the long axis as an open line, said by its purpose "Path": OHIF and many archives draw lines and no
    segments. It is a SCOORD, in pixels of the key slice, onto which its ends are put along the normal; OHIF (as of
    its source) finds the slice of a SCOORD by its instance and frame, that of a SCOORD3D by guess. Where a line
    would be shortened by more than :data:`MOST_SHORTENED`, on sagittal and coronal slices, it is a SCOORD3D in LPS mm,
    as measured. On a tilted slice the line drawn may so be shorter than the long axis that the report says.

    Returns
    -------
    bytes or None
        None for a case that is no DICOM series to which an object can refer, and where nothing was found:
        ``report.dcm`` says so.
    """
    headers = None if volume is None else source_headers(volume)
    slices = None if volume is None else placed_slices(volume)
    if volume is None or headers is None or slices is None or not result.findings:
        return None
    by_id = {segment.finding.finding_id: segment for segment in segments(result, volume)}
    groups = [
        PlanarROIMeasurementsAndQualitativeEvaluations(
            referenced_region=_line(finding, slices[key_place(volume, finding, by_id.get(finding.finding_id))]),
            geometric_purpose=codes.DCM.Path,
            **measurement_group(result, finding),
        )
        for finding in sorted(result.findings, key=lambda finding: finding.finding_id)
    ]
    description = "AI lung nodules, lines (research use only)"
    return report_bytes(result, headers, groups, what="sr lines", description=description)


def _line(finding: Finding, placed: PlacedSlice) -> ImageRegion | ImageRegion3D:
    ends = np.array(finding.long_axis_lps_mm, dtype=np.float64)
    plane = slice_plane(placed)
    on_slice = (ends - plane[:3, 3]) @ np.linalg.inv(plane[:3, :3]).T
    shown_mm = float(np.linalg.norm((on_slice[1, :2] - on_slice[0, :2]) @ plane[:3, :2].T))
    if shown_mm < (1 - MOST_SHORTENED) * float(np.linalg.norm(ends[1] - ends[0])):
        return ImageRegion3D(GraphicTypeValues3D.POLYLINE, ends, placed.header.FrameOfReferenceUID)
    image = SourceImageForRegion(
        placed.header.SOPClassUID,
        placed.header.SOPInstanceUID,
        referenced_frame_numbers=None if placed.frame is None else [placed.frame],
    )
    # 0 is the outer corner of the first pixel, whose centre is 0.5 (PS3.3 C.18.6.1.2)
    return ImageRegion(GraphicTypeValues.POLYLINE, on_slice[:, :2] + 0.5, image)
