from __future__ import annotations

import shutil
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from resmtnet.pipelines.datasets.nodule_mask import read_nodule_mask
from resmtnet.pipelines.datasets.own.convert_masks import convert_masks
from resmtnet.pipelines.datasets.own.own_options import OwnOptions
from resmtnet.transforms.grid import Grid

LPS_TO_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])


def save(path: Path, array_kji: np.ndarray, affine_lps: np.ndarray, orientation: str | None = None) -> Path:
    """Write labels as NIfTI, turned by nibabel to other axes (``RAS``, ``SPL`` ...) where asked for."""
    image = nib.Nifti1Image(array_kji.transpose(2, 1, 0), LPS_TO_RAS @ affine_lps)
    if orientation:
        now = nib.orientations.io_orientation(image.affine)
        image = image.as_reoriented(
            nib.orientations.ornt_transform(now, nib.orientations.axcodes2ornt(tuple(orientation)))
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    image.to_filename(path)
    return path


def convert(known_scan, masks: Path, output: Path, **options):
    kind = {name: options.pop(name) for name in ("nodules", "suffix") if name in options}
    chosen = OwnOptions(**{"scans": known_scan.folder, "check_lungs": False, **options})
    return convert_masks(masks, output, options=chosen, **kind)


def labels_of(known_scan, *values: int) -> np.ndarray:
    labels = np.zeros(known_scan.hu.shape, np.uint8)
    for number, value in enumerate(values):
        labels[known_scan.ball(number)] = value
    return labels


@pytest.mark.parametrize("orientation", [None, "RAS", "SPL", "LAI"])
def test_a_mask_comes_through_voxel_by_voxel_whatever_way_its_axes_run(orientation, known_scan, tmp_path):
    save(tmp_path / "in" / "chest_mask.nii.gz", labels_of(known_scan, 1, 1), known_scan.affine_lps, orientation)
    made = convert(known_scan, tmp_path / "in", tmp_path / "list", check_lungs=orientation == "RAS")
    (scan,) = made.scans
    assert scan.checks == ()
    assert len(scan.nodules) == 2
    image = Grid(known_scan.hu.shape, known_scan.affine_lps)
    whole = np.zeros(known_scan.hu.shape, np.uint8)
    for nodule in scan.nodules:
        mask = read_nodule_mask(tmp_path / "list" / nodule.mask, image)
        block = tuple(slice(a, a + n) for a, n in zip(mask.start_kji, mask.bits.shape, strict=True))
        whole[block] |= mask.bits
    np.testing.assert_array_equal(whole, labels_of(known_scan, 1, 1))


def test_box_and_centre_are_those_of_the_outline(known_scan, tmp_path):
    save(tmp_path / "in" / "chest.nii.gz", labels_of(known_scan, 1), known_scan.affine_lps)
    (nodule,) = convert(known_scan, tmp_path / "in", tmp_path / "list").scans[0].nodules
    k, j, i = np.nonzero(known_scan.ball(0))
    spacing, origin = np.diag(known_scan.affine_lps)[:3], known_scan.affine_lps[:3, 3]
    low = origin + (np.array([i.min(), j.min(), k.min()]) - 0.5) * spacing
    high = origin + (np.array([i.max(), j.max(), k.max()]) + 0.5) * spacing
    assert nodule.centre_lps_mm == pytest.approx((low + high) / 2, abs=1e-6)
    assert nodule.size_mm == pytest.approx(high - low, abs=1e-6)
    assert nodule.centre_lps_mm == pytest.approx(known_scan.nodules[0][0], abs=2.5)


def test_values_never_merge_and_components_always_part(known_scan, tmp_path):
    labels = np.zeros(known_scan.hu.shape, np.uint8)
    labels[10:12, 20:22, 20:22] = 1
    labels[12:14, 20:22, 20:22] = 2  # touches the first
    labels[30:32, 20:22, 20:22] = 2
    save(tmp_path / "in" / "chest.nii.gz", labels, known_scan.affine_lps)
    assert len(convert(known_scan, tmp_path / "in", tmp_path / "a").scans[0].nodules) == 3
    assert len(convert(known_scan, tmp_path / "in", tmp_path / "b", nodules="values").scans[0].nodules) == 2


def test_two_masks_of_a_scan_are_two_readers(known_scan, tmp_path):
    one, two = labels_of(known_scan, 1, 1), labels_of(known_scan, 1)
    save(tmp_path / "in" / "a" / "chest.nii.gz", one, known_scan.affine_lps)
    save(tmp_path / "in" / "b" / "chest.nii.gz", two, known_scan.affine_lps)
    nodules = convert(known_scan, tmp_path / "in", tmp_path / "list").scans[0].nodules
    image = Grid(known_scan.hu.shape, known_scan.affine_lps)
    bits = [set(np.unique(read_nodule_mask(tmp_path / "list" / n.mask, image).bits)) for n in nodules]
    assert sorted(bits, key=max) == [{0, 1}, {0, 3}]


def test_scans_and_masks_may_lie_in_one_tree(known_scan, tmp_path):
    for case in ("one", "two"):
        save(tmp_path / "in" / case / "ct.nii.gz", known_scan.hu, known_scan.affine_lps)
        save(tmp_path / "in" / case / "mask.nii.gz", labels_of(known_scan, 1), known_scan.affine_lps)
    made = convert(known_scan, tmp_path / "in", tmp_path / "list", scans=None)
    assert [len(scan.nodules) for scan in made.scans] == [1, 1]
    assert sorted(scan.image for scan in made.scans) == [str(tmp_path / "in" / c / "ct.nii.gz") for c in ("one", "two")]
    assert {scan.checks for scan in made.scans} == {("W_PATIENT_UNKNOWN",)}


def test_an_empty_mask_says_no_nodule_only_where_the_scan_is_complete(known_scan, tmp_path):
    save(tmp_path / "in" / "chest.nii.gz", labels_of(known_scan), known_scan.affine_lps)
    made = convert(known_scan, tmp_path / "in", tmp_path / "a")
    assert [refused.code for refused in made.refused] == ["E_LABEL_EMPTY"]
    (scan,) = convert(known_scan, tmp_path / "in", tmp_path / "b", complete=True).scans
    assert (scan.nodules, scan.complete) == ((), True)


def test_a_table_adds_what_masks_cannot_say(known_scan, tmp_path):
    shutil.copytree(known_scan.folder / "chest", tmp_path / "scans" / "chest")
    save(tmp_path / "scans" / "free.nii.gz", known_scan.hu, known_scan.affine_lps)
    save(tmp_path / "in" / "chest_seg.nii.gz", labels_of(known_scan, 1), known_scan.affine_lps)
    (tmp_path / "table.csv").write_text("case,patient_id,fold,complete\nchest,p,2,1\nfree,q,5,1\n")
    made = convert(
        known_scan, tmp_path / "in", tmp_path / "list", scans=tmp_path / "scans", table=tmp_path / "table.csv"
    )
    assert sorted((len(s.nodules), s.complete, s.fold) for s in made.scans) == [(0, True, 5), (1, True, 2)]
    assert len({scan.patient_id for scan in made.scans}) == 2


def test_a_patient_in_two_folds_is_left_out(known_scan, tmp_path):
    shutil.copytree(known_scan.folder / "chest", tmp_path / "scans" / "chest")
    save(tmp_path / "scans" / "other.nii.gz", known_scan.hu, known_scan.affine_lps)
    save(tmp_path / "in" / "chest.nii.gz", labels_of(known_scan, 1), known_scan.affine_lps)
    (tmp_path / "table.csv").write_text("case,patient_id,fold,complete\nchest,p,2,1\nother,p,5,1\n")
    made = convert(
        known_scan, tmp_path / "in", tmp_path / "list", scans=tmp_path / "scans", table=tmp_path / "table.csv"
    )
    assert made.scans == ()
    assert [refused.code for refused in made.refused] == ["E_LABEL_CONFLICT"] * 2


def shifted(affine: np.ndarray) -> np.ndarray:
    moved = affine.copy()
    moved[0, 3] += 0.4
    return moved


@pytest.mark.parametrize("affine", [shifted, lambda a: a @ np.diag([2.0, 2, 1, 1])])
def test_a_mask_on_another_grid_is_refused_and_not_resampled(affine, known_scan, tmp_path):
    save(tmp_path / "in" / "chest.nii.gz", labels_of(known_scan, 1), affine(known_scan.affine_lps))
    made = convert(known_scan, tmp_path / "in", tmp_path / "list")
    assert [refused.code for refused in made.refused] == ["E_LABEL_GRID"]


def test_masks_that_are_none_are_refused_one_by_one(known_scan, tmp_path):
    save(tmp_path / "in" / "nobody.nii.gz", labels_of(known_scan, 1), known_scan.affine_lps)
    (tmp_path / "in" / "chest.nii.gz").write_bytes(b"no NIfTI")
    codes = {refused.code for refused in convert(known_scan, tmp_path / "in", tmp_path / "a").refused}
    assert codes == {"E_LABEL_NO_SCAN", "E_LABEL_UNREADABLE"}
    save(tmp_path / "in" / "chest.nii.gz", labels_of(known_scan, 1) * np.float32(0.5), known_scan.affine_lps)
    codes = {refused.code for refused in convert(known_scan, tmp_path / "in", tmp_path / "b").refused}
    assert codes == {"E_LABEL_NO_SCAN", "E_LABEL_UNREADABLE"}
