from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence as Items
from pydicom.uid import ExplicitVRLittleEndian, RTStructureSetStorage, generate_uid

from resmtnet.pipelines.datasets.nodule_mask import read_nodule_mask
from resmtnet.pipelines.datasets.own.convert_rtstruct import convert_rtstruct
from resmtnet.pipelines.datasets.own.fill_contours import fill_contours
from resmtnet.pipelines.datasets.own.own_options import OwnOptions
from resmtnet.pipelines.ingest.ingest_error import IngestError
from resmtnet.transforms.grid import Grid

Contours = Sequence[np.ndarray]


def circle(x: float, y: float, z: float, radius: float, n: int = 180) -> np.ndarray:
    turn = np.linspace(0, 2 * np.pi, n, endpoint=False)
    return np.stack([x + radius * np.cos(turn), y + radius * np.sin(turn), np.full(n, z)], axis=1)


def slices_z(known_scan) -> np.ndarray:
    return known_scan.affine_lps[2, 3] + known_scan.affine_lps[2, 2] * np.arange(len(known_scan.hu))


def ball_contours(known_scan, number: int, off_mm: float = 0.0) -> list[np.ndarray]:
    """Circles where the slices cut a ball; ``off_mm`` moves them off the slices."""
    (x, y, z), diameter = known_scan.nodules[number]
    heights = [height for height in slices_z(known_scan) if abs(height - z) < diameter / 2]
    return [circle(x, y, h + off_mm, float(np.sqrt((diameter / 2) ** 2 - (h - z) ** 2))) for h in heights]


def write_rtstruct(known_scan, path: Path, rois: dict[str, Contours], kind: str = "CLOSED_PLANAR") -> None:
    ds = Dataset()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.SOPClassUID = ds.file_meta.MediaStorageSOPClassUID = RTStructureSetStorage
    ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    ds.Modality = "RTSTRUCT"
    series, study, frame = Dataset(), Dataset(), Dataset()
    series.SeriesInstanceUID = known_scan.series_uid
    study.RTReferencedSeriesSequence = Items([series])
    frame.FrameOfReferenceUID = known_scan.frame_uid
    frame.RTReferencedStudySequence = Items([study])
    ds.ReferencedFrameOfReferenceSequence = Items([frame])
    ds.StructureSetROISequence, ds.ROIContourSequence = Items(), Items()
    for number, (name, contours) in enumerate(rois.items(), 1):
        roi, drawn = Dataset(), Dataset()
        roi.ROINumber, roi.ROIName = number, name
        drawn.ReferencedROINumber, drawn.ContourSequence = number, Items()
        for points in contours:
            item = Dataset()
            item.ContourGeometricType, item.NumberOfContourPoints = kind, len(points)
            item.ContourData = [f"{value:.3f}" for value in points.ravel()]
            drawn.ContourSequence.append(item)
        ds.StructureSetROISequence.append(roi)
        ds.ROIContourSequence.append(drawn)
    path.parent.mkdir(parents=True, exist_ok=True)
    ds.save_as(path, enforce_file_format=True)


def convert(known_scan, tmp_path, **options):
    only = options.pop("only", None)
    chosen = OwnOptions(scans=known_scan.folder, **{"check_lungs": False, **options})
    return convert_rtstruct(tmp_path / "in", tmp_path / "list", only=only, options=chosen)


def written(known_scan, tmp_path, nodule) -> np.ndarray:
    mask = read_nodule_mask(tmp_path / "list" / nodule.mask, Grid(known_scan.hu.shape, known_scan.affine_lps))
    whole = np.zeros(known_scan.hu.shape, np.uint8)
    whole[tuple(slice(a, a + n) for a, n in zip(mask.start_kji, mask.bits.shape, strict=True))] = mask.bits
    return whole


def test_the_circles_of_a_ball_give_the_ball(known_scan, tmp_path):
    rois = {"GTV 1": ball_contours(known_scan, 0), "Nodule 2": ball_contours(known_scan, 1), "BODY": []}
    write_rtstruct(known_scan, tmp_path / "in" / "rs.dcm", rois)
    (scan,) = convert(known_scan, tmp_path, check_lungs=True).scans
    assert scan.checks == ()
    assert len(scan.nodules) == 2
    for number, nodule in enumerate(scan.nodules):
        found, true = written(known_scan, tmp_path, nodule) > 0, known_scan.ball(number)
        assert 2 * (found & true).sum() / (found.sum() + true.sum()) > 0.99
        assert nodule.centre_lps_mm == pytest.approx(known_scan.nodules[number][0], abs=2.5)


def fine_grid() -> Grid:
    affine = np.diag([0.2, 0.2, 1.0, 1.0])
    affine[:3, 3] = (-15, -15, 0)
    return Grid((5, 150, 150), affine)


def area_mm2(*contours: np.ndarray) -> float:
    return float(fill_contours(contours, fine_grid()).voxels.sum() * 0.04)


def test_areas_are_those_of_geometry():
    assert area_mm2(circle(0.3, 0.1, 2, 10)) == pytest.approx(np.pi * 100, rel=0.005)
    square = np.array([[-4.95, -4.95, 2], [5.05, -4.95, 2], [5.05, 5.05, 2], [-4.95, 5.05, 2]])
    assert area_mm2(square) == pytest.approx(100, rel=1e-9)


def test_a_contour_within_another_is_a_hole():
    assert area_mm2(circle(0, 0, 2, 10), circle(0, 0, 2, 4)) == pytest.approx(np.pi * 84, rel=0.01)


def test_a_keyhole_gives_the_same_as_a_hole():
    outer, inner = circle(0, 0, 2, 10), circle(0, 0, 2, 4)[::-1]
    keyhole = np.concatenate([outer, outer[:1], inner[-1:], inner, outer[:1]])
    assert area_mm2(keyhole) == pytest.approx(np.pi * 84, rel=0.01)


def test_two_parts_in_one_slice_are_both_there():
    parts = area_mm2(circle(-7, 0, 2, 4), circle(7, 0, 2, 4))
    assert parts == pytest.approx(2 * np.pi * 16, rel=0.01)


def test_contours_between_slices_go_to_the_nearest_and_it_is_said(known_scan, tmp_path):
    write_rtstruct(known_scan, tmp_path / "in" / "rs.dcm", {"tumour": ball_contours(known_scan, 0, off_mm=0.8)})
    (scan,) = convert(known_scan, tmp_path).scans
    assert scan.checks == ("W_CONTOUR_OFF_SLICE",)
    found, true = written(known_scan, tmp_path, scan.nodules[0]) > 0, known_scan.ball(0)
    assert 2 * (found & true).sum() / (found.sum() + true.sum()) > 0.99


def test_a_missing_slice_is_said(known_scan, tmp_path):
    contours = ball_contours(known_scan, 0)
    del contours[2]
    write_rtstruct(known_scan, tmp_path / "in" / "rs.dcm", {"lesion": contours})
    assert convert(known_scan, tmp_path).scans[0].checks == ("W_CONTOUR_GAP",)


def test_single_points_are_nodules_without_size(known_scan, tmp_path):
    places = [np.array([centre]) for centre, _ in known_scan.nodules[:2]]
    write_rtstruct(known_scan, tmp_path / "in" / "rs.dcm", {"nodules": places}, kind="POINT")
    for nodule, (centre, _) in zip(convert(known_scan, tmp_path).scans[0].nodules, known_scan.nodules, strict=False):
        assert nodule.centre_lps_mm == pytest.approx(centre, abs=0.001)
        assert (nodule.size_mm, nodule.mask) == (None, None)


@pytest.mark.parametrize(
    ("contours", "kind", "code"),
    [
        ([circle(0, -170, 341, 9) + np.linspace([0, 0, 0], [0, 0, 9], 180)], "CLOSED_PLANAR", "E_LABEL_CONTOUR"),
        ([circle(0, -170, 9341, 9)], "CLOSED_PLANAR", "E_LABEL_CONTOUR"),
        ([circle(0, -170, 341, 9)], "OPEN_PLANAR", "E_LABEL_CONTOUR"),
        ([circle(0, -170, 341, 9)[:2]], "CLOSED_PLANAR", "E_LABEL_CONTOUR"),
        ([], "CLOSED_PLANAR", "E_LABEL_EMPTY"),
    ],
)  # fmt: skip
def test_contours_that_are_none_are_refused(contours, kind, code, known_scan, tmp_path):
    write_rtstruct(known_scan, tmp_path / "in" / "rs.dcm", {"nodule": contours}, kind)
    made = convert(known_scan, tmp_path)
    assert made.scans == ()
    assert [refused.code for refused in made.refused] == [code]


def test_structures_are_chosen_by_name(known_scan, tmp_path):
    write_rtstruct(known_scan, tmp_path / "in" / "rs.dcm", {"Ziel": ball_contours(known_scan, 0)})
    assert convert(known_scan, tmp_path).refused[0].code == "E_LABEL_EMPTY"
    assert len(convert(known_scan, tmp_path, only="ziel").scans[0].nodules) == 1


def test_contours_of_another_frame_of_reference_are_refused(known_scan, tmp_path):
    write_rtstruct(known_scan, tmp_path / "in" / "rs.dcm", {"nodule": ball_contours(known_scan, 0)})
    structures = pydicom.dcmread(tmp_path / "in" / "rs.dcm")
    for frame, code in ((known_scan.frame_uid, []), (generate_uid(), ["E_LABEL_GRID"])):
        structures.StructureSetROISequence[0].ReferencedFrameOfReferenceUID = frame
        structures.save_as(tmp_path / "in" / "rs.dcm")
        made = convert(known_scan, tmp_path)
        assert [refused.code for refused in made.refused] == code
        assert frame not in repr(made)


def test_a_damaged_reference_does_not_stop_the_others(known_scan, tmp_path):
    for name in ("1.dcm", "2.dcm"):
        write_rtstruct(known_scan, tmp_path / "in" / name, {"nodule": ball_contours(known_scan, 0)})
    structures = pydicom.dcmread(tmp_path / "in" / "1.dcm")
    series = structures.ReferencedFrameOfReferenceSequence[0].RTReferencedStudySequence[0].RTReferencedSeriesSequence[0]
    series.ContourImageSequence = Items([Dataset()])  # an instance without its UID
    structures.save_as(tmp_path / "in" / "1.dcm")
    made = convert(known_scan, tmp_path)
    assert len(made.scans) == 1
    assert [(refused.code, "object 1" in refused.reason) for refused in made.refused] == [("E_LABEL_UNREADABLE", True)]


@pytest.mark.parametrize("x_mm", [200.0, -20.0])
def test_contours_beside_the_image_are_never_lost_in_silence(x_mm):
    with pytest.raises(IngestError, match=r"E_LABEL_CONTOUR.*in plane"):
        fill_contours([circle(x_mm, 0, 2, 9)], fine_grid())


def test_a_contour_too_small_for_any_voxel_is_said():
    with pytest.raises(IngestError, match=r"E_LABEL_CONTOUR.*centre of no voxel"):
        fill_contours([circle(0.1, 0.1, 2, 0.05)], fine_grid())


def test_too_few_points_are_a_fault():
    with pytest.raises(IngestError, match="E_LABEL_CONTOUR"):
        fill_contours([np.zeros((2, 3))], fine_grid())
