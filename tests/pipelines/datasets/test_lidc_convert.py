from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest

from resmtnet.pipelines.datasets.data_list import DataList, ScanLabel
from resmtnet.pipelines.datasets.grid_of_plan import grid_of_plan
from resmtnet.pipelines.datasets.lidc_idri.convert_lidc_idri import convert_lidc_idri
from resmtnet.pipelines.datasets.nodule_mask import read_nodule_mask
from resmtnet.pipelines.datasets.patient_fold import patient_fold
from resmtnet.pipelines.datasets.read_data_list import read_data_list
from resmtnet.pipelines.ingest.case_ids import hash_identity
from resmtnet.pipelines.ingest.plan_scans import plan_scans
from resmtnet.pipelines.phantom.dicom_series import write_ct_series
from resmtnet.transforms.grid import Grid

SPACING_MM = (0.5, 0.75, 2.0)
ORIGIN_LPS = (-10.0, 20.0, -300.0)
SHAPE_KJI = (8, 40, 32)
Box = tuple[int, int, int, int, int, int]  # first and last i, j, k of the voxels inside


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_scan(tmp_path / "scans" / "one", 1)
    return tmp_path / "scans"


def write_scan(folder: Path, seed: int, patient: str = "LIDC-IDRI-0007") -> str:
    affine = np.diag([*SPACING_MM, 1.0])
    affine[:3, 3] = ORIGIN_LPS
    hu = np.random.default_rng(seed).integers(-1000, 50, SHAPE_KJI).astype(np.int16)

    def named(_: int, ds: pydicom.Dataset) -> None:
        ds.PatientID = patient

    (path, *_) = write_ct_series(folder, hu, affine, seed=seed, edit=named)
    return str(pydicom.dcmread(path, stop_before_pixels=True).SeriesInstanceUID)


def uid_of(folder: Path) -> str:
    return plan_scans(folder).plans[0].origin.series_uid


def outline(box: Box, malignancy: int | None = 4) -> str:
    """A reader's outline whose inside is the box: each slice a contour one pixel further out."""
    i0, i1, j0, j1, k0, k1 = box
    columns, rows = range(i0 - 1, i1 + 1), range(j0 - 1, j1 + 1)
    ring = [(i, j0 - 1) for i in columns] + [(i1 + 1, j) for j in rows]
    ring += [(i + 1, j1 + 1) for i in reversed(columns)] + [(i0 - 1, j + 1) for j in reversed(rows)]
    edges = "".join(f"<edgeMap><xCoord>{i}</xCoord><yCoord>{j}</yCoord></edgeMap>" for i, j in ring)
    rois = "".join(f"<roi>{place(k)}<inclusion>TRUE</inclusion>{edges}</roi>" for k in range(k0, k1 + 1))
    scores = f"<malignancy>{malignancy}</malignancy><texture>5</texture>" if malignancy else ""
    return f"<unblindedReadNodule><characteristics>{scores}</characteristics>{rois}</unblindedReadNodule>"


def place(k: int) -> str:
    return f"<imageZposition>{ORIGIN_LPS[2] + SPACING_MM[2] * k}</imageZposition><imageSOP_UID/>"


def mark(i: int, j: int, k: int) -> str:
    return f"<nonNodule>{place(k)}<locus><xCoord>{i}</xCoord><yCoord>{j}</yCoord></locus></nonNodule>"


def write_xml(path: Path, uid: str, *readers: str) -> None:
    sessions = "".join(f"<readingSession>{said}</readingSession>" for said in readers)
    header = f"<ResponseHeader><SeriesInstanceUid>{uid}</SeriesInstanceUid></ResponseHeader>"
    path.write_text(f"<LidcReadMessage>{header}{sessions}</LidcReadMessage>")


def convert(folder: Path, **options: Any) -> DataList:
    return convert_lidc_idri(folder, folder.parent / "list", check_lungs=False, **options)


def only(made: DataList) -> ScanLabel:
    (scan,) = made.scans
    assert made.refused == ()
    return scan


A: Box = (5, 9, 10, 13, 2, 3)  # 5 x 4 x 2 voxels
B: Box = (7, 11, 10, 13, 2, 4)  # 5 x 4 x 3, of which 3 x 4 x 2 are A's


def test_positions_boxes_masks_and_ratings_by_hand(folder: Path):
    write_xml(folder / "one" / "a.xml", uid_of(folder), outline(A, 4), outline(A, 5), outline(B, 2), "")
    scan = only(convert(folder))
    assert (scan.patient_id, scan.complete, scan.fold) == ("LIDC-IDRI-0007", True, patient_fold("LIDC-IDRI-0007"))
    assert Path(scan.image) == folder / "one"
    assert scan.case_id == hash_identity(uid_of(folder).encode())  # as LUNA16 names the same series
    (nodule,) = scan.nodules
    # two of the three who outlined it agree on A alone: i 5..9, j 10..13, k 2..3
    assert nodule.centre_lps_mm == pytest.approx((-10 + 7 * 0.5, 20 + 11.5 * 0.75, -300 + 2.5 * 2))
    assert nodule.size_mm == pytest.approx((2.5, 3.0, 4.0))
    spheres = [(6 / np.pi * n * 0.75) ** (1 / 3) for n in (40, 40, 60)]  # 0.75 mm3 a voxel
    assert nodule.diameter_mm == pytest.approx(np.mean(spheres))
    assert [(r.reader, r.malignancy, r.attributes) for r in nodule.ratings] == [
        ("0", 4, {"texture": 5}), ("1", 5, {"texture": 5}), ("2", 2, {"texture": 5})
    ]  # fmt: skip
    bits = bits_of(folder, scan)
    assert [int((bits >> q & 1).sum()) for q in range(4)] == [40, 40, 60, 0]
    assert bits[2, 10, 5] == 3
    assert bits[2, 10, 7] == 7
    assert bits[4, 13, 11] == 4
    assert read_data_list(folder.parent / "list").scans == (scan,)


def bits_of(folder: Path, scan: ScanLabel) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """The mask of the first nodule on the whole grid of the image."""
    image: Grid = grid_of_plan(plan_scans(folder).plans[0])
    assert scan.nodules[0].mask is not None
    mask = read_nodule_mask(folder.parent / "list" / scan.nodules[0].mask, image)
    whole = np.zeros(image.shape_kji, np.uint8)
    whole[tuple(slice(a, a + n) for a, n in zip(mask.start_kji, mask.bits.shape, strict=True))] = mask.bits
    return whole


def test_how_many_readers_make_a_nodule_and_a_voxel_is_a_choice(folder: Path):
    write_xml(folder / "one" / "a.xml", uid_of(folder), outline(A), outline(B), "", "")
    assert only(convert(folder)).nodules[0].size_mm == pytest.approx((3.5, 3.0, 6.0))  # one of two is half
    assert only(convert(folder, agreement=1.0)).nodules[0].size_mm == pytest.approx((1.5, 3.0, 4.0))
    assert only(convert(folder, voters="scan")).nodules[0].size_mm == pytest.approx((1.5, 3.0, 4.0))  # two of four
    luna = only(convert(folder, min_share=0.75))
    assert luna.nodules == ()
    (place,) = luna.excluded
    assert place.centre_lps_mm == pytest.approx((-10 + 8 * 0.5, 20 + 11.5 * 0.75, -300 + 3 * 2))
    conflict = only(convert(folder, voters="scan", agreement=0.75))
    assert (conflict.nodules, conflict.checks, len(conflict.excluded)) == ((), ("E_LABEL_CONFLICT n1",), 1)


@pytest.mark.parametrize("options", [{"min_share": 0}, {"agreement": 1.5}, {"voters": "all"}])
def test_a_wrong_choice_is_refused_at_once(folder: Path, options: dict[str, Any]):
    with pytest.raises(ValueError, match=next(iter(options))):
        convert(folder, **options)


def test_marks_become_excluded_places_unless_they_lie_in_a_nodule(folder: Path):
    both = outline(A)
    write_xml(folder / "one" / "a.xml", uid_of(folder), both, both, mark(20, 30, 5), mark(6, 11, 2) + mark(20, 30, 9))
    scan = only(convert(folder))
    (place,) = scan.excluded
    assert place.centre_lps_mm == pytest.approx((0.0, 42.5, -290.0))
    assert place.diameter_mm == 10.0


def test_a_nodule_that_is_partly_beyond_the_slices_counts_neither_way(folder: Path):
    beyond: Box = (5, 9, 10, 13, 6, 9)
    write_xml(folder / "one" / "a.xml", uid_of(folder), outline(beyond), outline(beyond), outline(A), outline(A))
    scan = only(convert(folder))
    assert [n.nodule_id for n in scan.nodules] == ["n2"]
    assert scan.checks == ("E_LABEL_CONTOUR n1",)
    assert len(scan.excluded) == 1


def test_a_scan_nobody_marked_holds_no_nodule(folder: Path):
    write_xml(folder / "one" / "a.xml", uid_of(folder), "", "", "", "")
    scan = only(convert(folder))
    assert (scan.complete, scan.nodules, scan.excluded) == (True, (), ())


def test_faulty_cases_are_named_and_the_rest_goes_on(folder: Path):
    write_scan(folder / "two", 2)  # without XML
    uid = uid_of(folder / "one")
    write_xml(folder / "a.xml", uid, outline(A), outline(A))
    write_xml(folder / "b.xml", uid, outline(A), outline(A))  # a copy
    write_xml(folder / "c.xml", uid, outline(B), outline(A))  # contradicts it
    (folder / "d.xml").write_text('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')
    made = convert(folder)
    assert [len(scan.nodules) for scan in made.scans] == [1]
    assert [each.code for each in made.refused] == ["E_LABEL_CONFLICT", "E_LABEL_UNREADABLE", "E_LABEL_UNREADABLE"]
    assert "(XML file 3, in order of path)" in made.refused[0].reason
    assert made.refused[2].case_id == plan_scans(folder / "two").plans[0].case_id


def test_a_series_that_cannot_be_read_is_named_where_it_has_a_reading(folder: Path):
    write_xml(folder / "a.xml", write_scan(folder / "two", 2), outline(A))
    shutil.rmtree(folder / "one")
    for path in sorted((folder / "two").iterdir())[3:]:
        path.unlink()
    made = convert(folder)
    assert made.scans == ()
    assert [each.code[:2] for each in made.refused] == ["E_"]


def test_folds_are_official_and_never_divide_a_patient(folder: Path, tmp_path: Path):
    uids = [uid_of(folder), write_scan(folder / "two", 2), write_scan(folder / "three", 3, "LIDC-IDRI-0009")]
    uids.append(write_scan(folder / "four", 4, "Somebody^Else"))
    for n, uid in enumerate(uids):
        write_xml(folder / f"{n}.xml", uid, outline(A))
    table = tmp_path / "subsets.csv"
    table.write_text(f"seriesuid,subset\n{uids[0]},6\n{uids[1]},2\n")
    folds = {scan.patient_id: scan.fold for scan in convert(folder, subsets=table).scans}
    assert folds["LIDC-IDRI-0007"] == 2
    assert folds["LIDC-IDRI-0009"] == patient_fold("LIDC-IDRI-0009")
    assert len(folds) == 3
    assert not any("Somebody" in name for name in folds)


def test_hashed_folds_are_of_much_the_same_size():
    counts = np.bincount([patient_fold(f"LIDC-IDRI-{n:04}") for n in range(1, 1013)], minlength=10)
    assert counts.min() > 70
    assert counts.max() < 135
