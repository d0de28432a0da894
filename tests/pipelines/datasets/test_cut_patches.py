from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from resmtnet.pipelines.datasets.cut_patches import PatchOptions, cut_patches
from resmtnet.pipelines.datasets.data_list import DataList, Excluded, NoduleLabel, ReaderRating, ScanLabel
from resmtnet.pipelines.datasets.lidc_idri.convert_lidc_idri import convert_lidc_idri
from resmtnet.pipelines.datasets.nodule_mask import NoduleMask, write_nodule_mask
from resmtnet.pipelines.datasets.write_data_list import write_data_list
from resmtnet.pipelines.results.output_not_writable import OutputNotWritable
from resmtnet.pipelines.training.lidc_nodules import read_lidc_nodules
from resmtnet.transforms.grid import Grid

LPS_TO_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])
RATED = (ReaderRating("0", 5, {"texture": 5}), ReaderRating("1", 4))


def label(known_scan, folder: Path, **changes) -> DataList:
    """Nodule n1 outlined by two readers and rated, n2 as a box, n3 as a point; a place is excluded."""
    image = Grid(known_scan.hu.shape, known_scan.affine_lps)
    ball = known_scan.ball(0)
    inner = ball & np.roll(ball, 1, axis=2)
    write_nodule_mask(NoduleMask((0, 0, 0), (ball + 2 * inner).astype(np.uint8)), image, folder / "masks" / "n1.nii.gz")
    centres, diameters = zip(*known_scan.nodules, strict=True)
    edges = (diameters[1],) * 3
    nodules = (
        NoduleLabel("n1", centres[0], (20.0, 20.0, 20.0), 20.0, "masks/n1.nii.gz", RATED),
        NoduleLabel("n2", centres[1], edges, diameters[1]),
        NoduleLabel("n3", centres[2]),
    )
    excluded = (Excluded(centres[3], diameters[3]),)
    scan = ScanLabel("case", "patient", str(known_scan.folder / "chest"), True, nodules, excluded, fold=5)
    made = DataList("own", (replace(scan, **changes),))
    write_data_list(made, folder)
    return made


@pytest.fixture(scope="module")
def cut(known_scan, tmp_path_factory):
    folder = tmp_path_factory.mktemp("cut")
    label(known_scan, folder / "list")
    return cut_patches(folder / "list", folder / "set"), folder / "set"


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_training_reads_the_scan_s_own_voxels_and_the_outline_in_its_place(cut, known_scan):
    records = list(read_lidc_nodules(cut[1], [5]))
    assert [record.key for record in records] == ["case_n1", "case_n2", "case_n3"]
    manifest = json.loads((cut[1] / "manifest.json").read_text())
    ball = known_scan.ball(0)
    inner = ball & np.roll(ball, 1, axis=2)
    for record in records:
        to_lps = LPS_TO_RAS @ np.array(manifest[record.key]["affine_ras"])
        to_scan = np.linalg.solve(known_scan.affine_lps, to_lps)
        k, j, i = np.indices(record.hu.shape)
        at = np.stack([i, j, k], axis=-1) @ to_scan[:3, :3].T + to_scan[:3, 3]
        where = np.rint(at).astype(int)
        np.testing.assert_allclose(at, where, atol=1e-4)
        x, y, z = where[..., 0], where[..., 1], where[..., 2]
        np.testing.assert_array_equal(record.hu, known_scan.hu[z, y, x])
        outline = (ball + 2 * inner)[z, y, x] if record.key == "case_n1" else np.zeros(record.hu.shape)
        np.testing.assert_array_equal(record.readers, outline)
        assert record.spacing_mm == pytest.approx((2.5, 2.5, 4.0))


def test_a_patch_shows_the_lung_around_its_nodule(cut, known_scan):
    for record, (centre, diameter) in zip(read_lidc_nodules(cut[1], None), known_scan.nodules, strict=False):
        affine = LPS_TO_RAS @ np.array(json.loads((cut[1] / "manifest.json").read_text())[record.key]["affine_ras"])
        low = affine[:3, 3] - np.array(record.spacing_mm) / 2
        high = low + np.array(record.hu.shape[::-1]) * record.spacing_mm
        radius = 0 if record.key == "case_n3" else diameter / 2
        assert (high - low)[:2] == pytest.approx((80, 80), abs=2.6)  # 78 mm in whole voxels
        assert min(centre[2] - radius - low[2], high[2] - centre[2] - radius) >= 24 - 1e-6 - 2.0  # a half slice
        assert (np.minimum(centre[:2] - low[:2], high[:2] - centre[:2]) - radius >= 24 - 1.25).all()


def test_a_scan_with_a_nodule_that_is_lost_is_not_complete(known_scan, tmp_path):
    nodules = (NoduleLabel("n1", known_scan.nodules[0][0]), NoduleLabel("n2", (5000.0, 0.0, 0.0)))
    label(known_scan, tmp_path / "list", nodules=nodules)
    made = cut_patches(tmp_path / "list", tmp_path / "set")
    assert [refused.code for refused in made.refused] == ["E_LABEL_VALUE"]
    assert made.backgrounds == ()
    assert [row["complete"] for row in rows_of(tmp_path / "set" / "nodules.csv")] == ["0"]


def test_what_is_known_of_a_nodule_is_said_and_no_more(cut, known_scan):
    one, two, three = rows_of(cut[1] / "nodules.csv")
    assert [row["labels"] for row in (one, two, three)] == ["outline box rating", "box", ""]
    assert {row["luna16_subset"] for row in (one, two, three)} == {"5"}
    assert (one["malignancy_mode"], one["malignancy_mean"], one["malignancy_n"]) == ("4", "4.5", "2")
    assert (two["malignancy_mode"], two["malignancy_n"]) == ("", "0")
    for row, (centre, diameter) in zip((one, two, three), known_scan.nodules, strict=False):
        assert [float(row[f"coord{axis}"]) for axis in "XYZ"] == pytest.approx(centre, abs=1e-9)
        box = [row[f"box_{axis}_mm"] for axis in "xyz"]
        assert box == ["", "", ""] if row is three else [float(edge) for edge in box] == [diameter] * 3
    ratings = rows_of(cut[1] / "ratings.csv")
    assert [(r["key"], r["reader"], r["malignancy"], r["texture"]) for r in ratings] == [
        ("case_n1", "0", "5", "5"),
        ("case_n1", "1", "4", ""),
    ]
    records = list(read_lidc_nodules(cut[1], None))
    assert records[0].scores.tolist() == [0, 0, 0, 0.5, 0.5]
    assert (records[1].outlined, records[1].scores, records[2].place[1]) == (False, None, None)


def test_other_nodules_and_excluded_places_are_marked_in_a_patch(known_scan, tmp_path):
    centre, _ = known_scan.nodules[1]
    near = tuple(np.add(centre, (20.0, 0.0, 0.0)))
    nodules = (NoduleLabel("a", centre, (10.0,) * 3), NoduleLabel("b", near, (8.0,) * 3))
    label(known_scan, tmp_path / "list", nodules=nodules, excluded=(Excluded(tuple(np.add(centre, (0, 20, 0))), 8.0),))
    cut_patches(tmp_path / "list", tmp_path / "set")
    patch = np.load(tmp_path / "set" / "patches" / "case_a.npz")
    affine = np.array(json.loads((tmp_path / "set" / "manifest.json").read_text())["case_a"]["affine_ras"])
    for place, value in ((near, 1), (np.add(centre, (0, 20, 0)), 2), (centre, 0)):
        i, j, k = np.rint(np.linalg.solve(affine, LPS_TO_RAS @ [*place, 1.0])[:3]).astype(int)
        assert patch["others"][k, j, i] == value
    assert (patch["others"] == 1).sum() * 25.0 == pytest.approx(np.pi / 6 * 8**3, rel=0.5)  # voxels of 25 mm3


def test_backgrounds_hold_lungs_outlines_and_what_is_not_outlined(cut, known_scan):
    folder = cut[1] / "backgrounds"
    lungs, tumour, unknown = (nib.load(folder / f"case_{name}.nii.gz") for name in ("lungs", "tumour", "unknown"))
    to_scan = np.linalg.solve(known_scan.affine_lps, LPS_TO_RAS @ lungs.affine)
    start = np.rint(to_scan[:3, 3]).astype(int)
    hu = np.asarray(lungs.dataobj).transpose(2, 1, 0)
    block = tuple(slice(a, a + n) for a, n in zip(start[::-1], hu.shape, strict=True))
    np.testing.assert_array_equal(hu, known_scan.hu[block])
    np.testing.assert_array_equal(np.asarray(tumour.dataobj).transpose(2, 1, 0), known_scan.ball(0)[block])
    marked = np.asarray(unknown.dataobj).transpose(2, 1, 0) > 0
    assert (marked & known_scan.ball(1)[block]).sum() == known_scan.ball(1).sum()
    assert (marked & known_scan.ball(3)[block]).sum() == known_scan.ball(3).sum()
    assert not (marked & known_scan.ball(0)[block]).any()
    assert rows_of(folder / "backgrounds.csv") == [{"name": "case", "patient_id": "patient", "luna16_subset": "5"}]


def test_a_scan_that_is_not_complete_is_no_background(known_scan, tmp_path):
    label(known_scan, tmp_path / "list", complete=False, fold=None)
    made = cut_patches(tmp_path / "list", tmp_path / "set")
    assert made.backgrounds == ()
    assert not (tmp_path / "set" / "backgrounds").exists()
    assert {row["complete"] for row in rows_of(tmp_path / "set" / "nodules.csv")} == {"0"}
    assert set(made.folds) <= set(range(8))


def test_a_complete_scan_without_a_nodule_is_a_background(known_scan, tmp_path):
    label(known_scan, tmp_path / "list", nodules=(), excluded=())
    made = cut_patches(tmp_path / "list", tmp_path / "set")
    assert (made.patches, len(made.backgrounds), made.refused) == ((), 1, ())
    assert [path.name for path in (tmp_path / "set" / "backgrounds").glob("*.nii.gz")] == ["case_lungs.nii.gz"]


def test_a_volume_on_other_axes_gives_patches_along_the_patient(known_scan, tmp_path):
    image = nib.Nifti1Image(known_scan.hu.transpose(2, 1, 0), LPS_TO_RAS @ known_scan.affine_lps)
    turn = nib.orientations.ornt_transform(
        nib.orientations.io_orientation(image.affine), nib.orientations.axcodes2ornt(("S", "R", "A"))
    )
    image.as_reoriented(turn).to_filename(tmp_path / "scan.nii.gz")
    label(known_scan, tmp_path / "list", image=str(tmp_path / "scan.nii.gz"))
    cut_patches(tmp_path / "list", tmp_path / "turned", PatchOptions(backgrounds=False))
    label(known_scan, tmp_path / "list")
    cut_patches(tmp_path / "list", tmp_path / "straight", PatchOptions(backgrounds=False))
    turned, straight = (read_lidc_nodules(tmp_path / name, None) for name in ("turned", "straight"))
    for one, two in zip(turned, straight, strict=True):
        np.testing.assert_array_equal(one.hu, two.hu)
        np.testing.assert_array_equal(one.readers, two.readers)


def test_what_cannot_be_cut_is_said_and_the_rest_goes_on(known_scan, tmp_path):
    made = label(known_scan, tmp_path / "list")
    outside = NoduleLabel("far", (900.0, 900.0, 900.0), (5.0, 5.0, 5.0))
    scan = replace(made.scans[0], nodules=(*made.scans[0].nodules, outside))
    gone = ScanLabel("gone", "other", "not/there", True)
    write_data_list(replace(made, scans=(gone, scan)), tmp_path / "list")
    found = cut_patches(tmp_path / "list", tmp_path / "set", PatchOptions(backgrounds=False))
    assert len(found.patches) == 3
    assert [(r.case_id, r.code) for r in found.refused] == [("gone", "E_LABEL_NO_SCAN"), ("case", "E_LABEL_VALUE")]


def test_a_folder_that_holds_something_is_not_written_to(known_scan, tmp_path):
    label(known_scan, tmp_path / "list")
    with pytest.raises(OutputNotWritable, match="not empty"):
        cut_patches(tmp_path / "list", tmp_path / "list")


@pytest.mark.data
def test_a_patch_of_a_real_scan_is_the_shared_one(shared_data, tmp_path):
    """The nodule of LIDC-IDRI-0001 was cut out and outlined by others, from the same scan and XML."""
    convert_lidc_idri(shared_data / "lidc_dicom", tmp_path / "list", check_lungs=False)
    cut_patches(tmp_path / "list", tmp_path / "set", PatchOptions(backgrounds=False))
    (ours,) = read_lidc_nodules(tmp_path / "set", None)
    theirs = np.load(shared_data / "lidc_nodules" / "patches" / "LIDC-IDRI-0001_R_1.npz")
    place = json.loads((shared_data / "lidc_nodules" / "manifest.json").read_text())["LIDC-IDRI-0001_R_1"]["affine_ras"]
    at = np.argwhere(theirs["readers"])[:, ::-1]
    lps = at @ np.array(place)[:3, :3].T + np.array(place)[:3, 3]
    ours_ijk = (lps - ours.affine_ras[:3, 3]) @ np.linalg.inv(ours.affine_ras[:3, :3]).T
    where = np.rint(ours_ijk).astype(int)
    np.testing.assert_allclose(ours_ijk, where, atol=0.02)  # their affine is rounded to five places
    i, j, k = where.T
    np.testing.assert_array_equal(ours.hu[k, j, i], theirs["hu"][tuple(at[:, ::-1].T)])
    np.testing.assert_array_equal(ours.readers[k, j, i] > 0, True)
    assert (ours.readers > 0).sum() == len(at)
    assert sorted(float(r["malignancy"]) for r in ours.ratings) == [4, 5, 5, 5]
