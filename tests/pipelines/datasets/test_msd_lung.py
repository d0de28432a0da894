from __future__ import annotations

import json
from pathlib import Path

import nibabel as nib
import numpy as np
import numpy.typing as npt
import pytest

from resmtnet.pipelines.datasets.convert_msd_lung import convert_msd_lung
from resmtnet.pipelines.datasets.patient_fold import patient_fold
from resmtnet.pipelines.datasets.read_data_list import read_data_list

AFFINE_RAS = np.array([[-0.5, 0, 0, 30], [0, 0.75, 0, -40], [0, 0, 2, 100], [0, 0, 0, 1.0]])
SHAPE = (24, 20, 10)  # i, j, k


def write_pair(
    folder: Path, name: str, label: npt.NDArray[np.uint8], affine: npt.NDArray[np.float64] = AFFINE_RAS
) -> None:
    for kind in ("imagesTr", "labelsTr"):
        (folder / kind).mkdir(parents=True, exist_ok=True)
    hu = np.random.default_rng(2).integers(-1000, 100, SHAPE).astype(np.int16)
    nib.save(nib.Nifti1Image(hu, AFFINE_RAS), folder / "imagesTr" / name)
    nib.save(nib.Nifti1Image(label, affine), folder / "labelsTr" / name)


def write_task(folder: Path, *names: str) -> None:
    entries = [{"image": f"./imagesTr/{name}", "label": f"./labelsTr/{name}"} for name in names]
    (folder / "dataset.json").write_text(
        json.dumps({"labels": {"0": "background", "1": "cancer"}, "training": entries})
    )


def two_tumours() -> npt.NDArray[np.uint8]:
    label = np.zeros(SHAPE, np.uint8)
    label[4:8, 5:7, 2:4] = 1  # 4 x 2 x 2 voxels
    label[8, 7, 4] = 1  # hangs on by a corner
    label[20:22, 15:17, 8] = 1
    return label


def test_each_component_is_a_tumour_in_lps(tmp_path: Path):
    folder = tmp_path / "Task06_Lung"
    write_pair(folder, "lung_001.nii.gz", two_tumours())
    write_task(folder, "lung_001.nii.gz")
    made = convert_msd_lung(folder, tmp_path / "list", check_lungs=False)
    assert made.refused == ()
    (scan,) = made.scans
    assert (scan.patient_id, scan.complete, scan.fold) == ("lung_001", False, patient_fold("lung_001"))
    one, two = scan.nodules
    # i 4..8, j 5..7, k 2..4: RAS 30 - 0.5 i, -40 + 0.75 j, 100 + 2 k; LPS has x and y negated
    assert one.centre_lps_mm == pytest.approx((-(30 - 0.5 * 6), -(-40 + 0.75 * 6), 100 + 2 * 3))
    assert one.size_mm == pytest.approx((2.5, 2.25, 6.0))
    assert one.diameter_mm == pytest.approx((6 / np.pi * 17 * 0.75) ** (1 / 3))
    assert two.size_mm == pytest.approx((1.0, 1.5, 2.0))
    assert scan.checks == ()
    assert one.mask is not None
    mask = nib.load(tmp_path / "list" / one.mask)
    assert np.asarray(mask.dataobj).sum() == 17
    assert read_data_list(tmp_path / "list") == made


def test_a_label_without_cancer_is_a_scan_without_a_target(tmp_path: Path):
    folder = tmp_path / "task"
    write_pair(folder, "lung_002.nii.gz", np.zeros(SHAPE, np.uint8))
    write_task(folder, "lung_002.nii.gz")
    (scan,) = convert_msd_lung(folder, tmp_path / "list", check_lungs=False).scans
    assert (scan.nodules, scan.complete) == ((), False)


def test_faulty_cases_are_named_and_the_rest_goes_on(tmp_path: Path):
    folder = tmp_path / "task"
    shifted = AFFINE_RAS.copy()
    shifted[0, 3] += 0.2  # 0.4 of a voxel
    write_pair(folder, "lung_001.nii.gz", two_tumours(), shifted)
    write_pair(folder, "lung_003.nii.gz", two_tumours())
    write_pair(folder, "lung_004.nii.gz", two_tumours())
    (folder / "labelsTr" / "lung_004.nii.gz").write_bytes(b"no NIfTI")
    write_pair(folder, "lung_005.nii.gz", two_tumours())
    (folder / "imagesTr" / "lung_005.nii.gz").write_bytes(b"no NIfTI")
    write_task(folder, *(f"lung_00{n}.nii.gz" for n in (1, 3, 4, 5, 6)), "../../outside.nii.gz")
    (tmp_path / "outside.nii.gz").write_bytes(b"")
    made = convert_msd_lung(folder, tmp_path / "list", check_lungs=False)
    assert [scan.patient_id for scan in made.scans] == ["lung_003"]
    codes = sorted(each.code for each in made.refused)
    assert codes == ["E_BAD_HEADER", "E_LABEL_GRID", "E_LABEL_NO_SCAN", "E_LABEL_NO_SCAN", "E_LABEL_UNREADABLE"]
    assert not any("outside" in each.reason or "lung_00" in each.reason for each in made.refused)


@pytest.mark.parametrize("text", [None, "", "[]", '{"training": 1}', '{"training": ["a"]}'])
def test_a_folder_that_is_no_task_is_refused_at_once(tmp_path: Path, text: str | None):
    if text is not None:
        (tmp_path / "dataset.json").write_text(text)
    with pytest.raises(ValueError, match=r"dataset\.json"):
        convert_msd_lung(tmp_path, tmp_path / "list")
