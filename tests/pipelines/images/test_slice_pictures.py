from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from resmtnet.pipelines.images.slice_pictures import slice_pictures
from resmtnet.pipelines.images.summarise import summarise
from resmtnet.pipelines.ingest.ingest_error import IngestError
from resmtnet.pipelines.ingest.plan_scans import plan_scans
from resmtnet.pipelines.ingest.read_volume import read_volume

WINDOW = (-160.0, 240.0)
LPS_TO_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])


def volume_of(folder: Path, hu: np.ndarray, affine_lps: np.ndarray):
    nib.Nifti1Image(hu.transpose(2, 1, 0), LPS_TO_RAS @ affine_lps).to_filename(folder / "a.nii")
    return read_volume(plan_scans(folder).plans[0])


@pytest.fixture
def volume(tmp_path, small_chest):
    return volume_of(tmp_path, small_chest.hu, small_chest.affine_lps)


def test_only_slices_with_enough_lung_are_taken(volume, small_chest):
    """The lungs are ellipsoids of 40 x 65 x 52 mm: their area is known at each height."""
    slices, codes = slice_pictures(volume, window_hu=WINDOW, min_lung_mm2=8000)
    heights = np.array([one.z_mm for one in slices])
    assert codes == ()
    area_mm2 = 2 * np.pi * 40 * 65 * (1 - (heights / 52) ** 2)
    assert area_mm2.min() > 0.75 * 8000  # to a step of the grid of 3 mm, and to what is found
    reach_mm = 52 * np.sqrt(1 - 8000 / (2 * np.pi * 40 * 65))
    assert len(slices) == pytest.approx(2 * reach_mm / 2.5, abs=4)
    assert [one.k for one in slices] == list(range(slices[0].k, slices[-1].k + 1))
    np.testing.assert_allclose(heights, [small_chest.affine_lps[2, 3] + 2.5 * one.k for one in slices])
    one = slices[0]
    np.testing.assert_allclose(one.picture.grey, ((small_chest.hu[one.k] + 160) / 400).clip(0, 1), atol=1e-6)
    assert one.picture.spacing_mm == (2.5, 2.5)


def test_turned_voxels_give_the_same_pictures(tmp_path, volume, small_chest):
    """The array is turned round on all axes; its place in the patient stays."""
    affine = small_chest.affine_lps.copy()
    affine[:3, 3] += affine[:3, :3] @ (np.array(small_chest.hu.shape[::-1]) - 1)
    affine[:3, :3] *= -1
    (tmp_path / "turned").mkdir()
    turned = volume_of(tmp_path / "turned", small_chest.hu[::-1, ::-1, ::-1].copy(), affine)
    a, _ = slice_pictures(volume, window_hu=WINDOW, min_lung_mm2=8000)
    b, _ = slice_pictures(turned, window_hu=WINDOW, min_lung_mm2=8000)
    assert [one.picture.digest for one in a] == [one.picture.digest for one in b]
    assert [one.k for one in b] == [len(small_chest.hu) - 1 - one.k for one in a]


def test_without_lungs_all_slices_are_taken_and_it_is_said(volume):
    slices, codes = slice_pictures(replace(volume, hu=np.full_like(volume.hu, 40)), window_hu=WINDOW, min_lung_mm2=1)
    assert len(slices) == len(volume.hu)
    assert codes == ("W_LUNGS_NOT_FOUND",)


def test_other_planes_are_refused(tmp_path, small_chest):
    affine = small_chest.affine_lps[:, [0, 2, 1, 3]]  # rows run to the head: coronal slices
    coronal = volume_of(tmp_path, small_chest.hu.transpose(1, 0, 2).copy(), affine)
    with pytest.raises(IngestError, match="E_NOT_AXIAL"):
        slice_pictures(coronal, window_hu=WINDOW, min_lung_mm2=1)


def test_a_case_is_the_mean_of_its_most_positive_pictures():
    pictures = [{"a": 1 - p, "b": p} for p in (0.1, 0.9, 0.2, 0.8)]
    classes, key = summarise(pictures, "b", 2)
    assert classes == pytest.approx({"a": 0.15, "b": 0.85})
    assert key == 1
    assert summarise(pictures[:1], "b", 5)[0] == pytest.approx({"a": 0.9, "b": 0.1})
    with pytest.raises(ValueError, match="known class"):
        summarise(pictures, "c", 2)
