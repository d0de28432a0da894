"""Findings that are thin, cut by the border, touching, overlapping, or many."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pydicom
import pytest

from resmtnet.pipelines.datasets.read_seg import read_seg
from resmtnet.pipelines.records import CaseResult, FindingMask, Volume
from resmtnet.transforms.grid import Grid

FULL = (24, 40, 48)
PLACES = {
    "one slice": [((5, 10, 10), (1, 6, 7))],
    "one voxel": [((5, 10, 10), (1, 1, 1))],
    "first and last slice": [((0, 0, 0), (1, 3, 3)), ((23, 37, 45), (1, 3, 3))],
    "all borders": [((0, 0, 0), FULL)],
    "touching": [((5, 10, 10), (3, 4, 4)), ((5, 10, 14), (3, 4, 4)), ((8, 10, 10), (3, 4, 4))],
    "overlapping": [((5, 10, 10), (3, 4, 4)), ((6, 12, 12), (3, 4, 4))],
    "one in the other": [((5, 10, 10), (3, 6, 6)), ((6, 12, 12), (1, 2, 2))],
    "twenty": [((n, n, 2 * n), (3, 4, 2)) for n in range(20)],
}


def with_boxes(result: CaseResult, places: list) -> CaseResult:
    findings = [
        replace(result.findings[0], finding_id=n, key_slice_k=start[0], mask=FindingMask(start, np.ones(size, bool)))
        for n, (start, size) in enumerate(places, start=1)
    ]
    return replace(result, findings=tuple(findings))


def check_segments(data: bytes, result: CaseResult, volume: Volume) -> None:
    found = read_seg(pydicom.dcmread(io.BytesIO(data)), Grid(volume.hu.shape, volume.affine_lps))
    for segment, finding in zip(found, result.findings, strict=True):
        assert (segment.start_kji, segment.voxels.shape) == (finding.mask.start_kji, finding.mask.voxels.shape)
        assert segment.voxels.all()


@pytest.mark.parametrize("name", PLACES)
def test_they_come_back_whole(make_dicom_case, all_objects, name: str) -> None:
    result, volume = make_dicom_case()
    result = with_boxes(result, PLACES[name])
    made = all_objects(result, volume, ("segmentation_dcm", "rtstruct_dcm"))
    check_segments(made["segmentation_dcm"], result, volume)
    structures = pydicom.dcmread(io.BytesIO(made["rtstruct_dcm"]))
    for roi, finding in zip(structures.ROIContourSequence, result.findings, strict=True):
        assert len(roi.ContourSequence) == len(finding.mask.voxels)


def test_twenty_are_valid(make_dicom_case, all_objects, dicom_errors) -> None:
    result, volume = make_dicom_case()
    encoders = ("segmentation_dcm", "report_dcm", "rtstruct_dcm", "key_images_dcm")
    made = all_objects(with_boxes(result, PLACES["twenty"]), volume, encoders)
    assert len(made) == 3 + 20
    for name in (*encoders[:3], "finding_20.dcm"):
        assert dicom_errors(made[name]) == [], name
