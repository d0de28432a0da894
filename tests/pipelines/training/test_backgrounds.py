from __future__ import annotations

from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from resmtnet.pipelines.training.backgrounds import scan_backgrounds
from resmtnet.pipelines.training.lidc_nodules import LidcRecord
from resmtnet.pipelines.training.slab import to_slab

RAS = np.diag([-2.0, -2.0, 2.0, 1.0])
SHAPE_KJI = (16, 16, 16)


def save(folder: Path, name: str, array: np.ndarray) -> None:
    nib.save(nib.Nifti1Image(array.transpose(2, 1, 0), RAS), folder / f"{name}.nii.gz")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number, name in enumerate(("a", "b", "c")):
        save(tmp_path, f"{name}_lungs", np.full(SHAPE_KJI, -800 - number, np.int16))
    return tmp_path


def first_hu(folder: Path, subsets) -> list[int]:
    return [int(background.hu[8, 8, 8]) for background in scan_backgrounds(folder, subsets=subsets)]


def test_backgrounds_are_divided_as_the_nodules_are(folder):
    assert first_hu(folder, [0]) == [-800, -801, -802]  # without a table, as before
    (folder / "backgrounds.csv").write_text("name,patient_id,luna16_subset\na,p,0\nb,q,7\n")
    assert first_hu(folder, None) == [-800, -801, -802]
    assert first_hu(folder, [0, 1]) == [-800, -802]  # c stands in no table: nobody's nodules are in another fold
    assert first_hu(folder, [7]) == [-801, -802]


def test_what_is_outlined_and_what_is_not_are_kept_apart(folder):
    tumour, unknown = np.zeros(SHAPE_KJI, np.uint8), np.zeros(SHAPE_KJI, np.uint8)
    tumour[4:8, 4:8, 4:8], unknown[10:12, 2:4, 12:14] = 1, 1
    save(folder, "a_tumour", tumour)
    save(folder, "a_unknown", unknown)
    a, b, _ = scan_backgrounds(folder, unknown_lps_mm={"b": (16.0, 16.0, 16.0, 5.0)})
    # 2 mm voxels at 1 mm; the corners of a box are rounded off
    assert a.tumour.sum() == pytest.approx(64 * 8, rel=0.02)
    assert a.unknown.sum() == pytest.approx(8 * 8, rel=0.15)
    assert b.tumour is None
    assert b.unknown.sum() == pytest.approx(4 / 3 * np.pi * 125, rel=0.1)


def test_a_folder_without_scans_is_named_by_its_option(tmp_path):
    with pytest.raises(FileNotFoundError, match="backgrounds_dir"):
        list(scan_backgrounds(tmp_path))


def record(complete: str, others: np.ndarray | None) -> LidcRecord:
    hu = np.full((40, 40, 40), -800, np.int16)
    row = {"labels": "box", "complete": complete, "coordX": "20", "coordY": "20", "coordZ": "20"}
    edges = {f"box_{axis}_mm": "6" for axis in "xyz"}
    affine = np.diag([-1.0, -1.0, 1.0, 1.0])
    return LidcRecord("k", "p", hu, np.zeros_like(hu, np.uint8), (1.0,) * 3, affine, {**row, **edges}, (), others)


def test_another_nodule_is_unknown_and_all_else_known_where_the_scan_is_complete():
    others = np.zeros((40, 40, 40), np.uint8)
    others[20, 20, 26:28] = 1
    np.testing.assert_array_equal(to_slab(record("1", others)).unknown, others > 0)
    assert to_slab(record("1", np.zeros_like(others))).unknown is None


def test_of_a_scan_that_may_hold_more_only_the_surroundings_of_the_nodule_are_known():
    others = np.zeros((40, 40, 40), np.uint8)
    others[20, 20, 26:28] = 1  # within 3 + 8 mm of the nodule's middle
    k, j, i = np.indices(others.shape) - 20
    far = k**2 + j**2 + i**2 > 11**2
    np.testing.assert_array_equal(to_slab(record("0", None)).unknown, far)
    np.testing.assert_array_equal(to_slab(record("0", others)).unknown, far | (others > 0))
