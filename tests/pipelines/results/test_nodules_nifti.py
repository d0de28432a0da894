from __future__ import annotations

import gzip
import tracemalloc
from dataclasses import replace
from pathlib import Path

import nibabel
import numpy as np
import pytest
import SimpleITK

from resmtnet.pipelines.results.nodules_nifti import nodules_nifti


@pytest.mark.parametrize("lie", ["axial", "sagittal", "flipped", "oblique", "sheared"])
def test_nibabel_finds_the_ball_at_its_place(make_case, tmp_path: Path, lie: str) -> None:
    result, volume = make_case(lie)
    (tmp_path / "n.nii.gz").write_bytes(nodules_nifti(result, volume))
    image = nibabel.load(tmp_path / "n.nii.gz")
    labels = np.asarray(image.dataobj)
    assert labels.shape == result.shape_ijk
    assert labels.dtype == np.uint8
    ras = nibabel.affines.apply_affine(image.affine, np.argwhere(labels == 1)).mean(axis=0)
    # the voxels of a ball on a grid: their mean lies within a fraction of a voxel of the centre
    assert ras * (-1, -1, 1) == pytest.approx(np.array(result.findings[0].centre_lps_mm), abs=0.25)
    code_of_qform = 0 if lie == "sheared" else 1
    assert (int(image.header["sform_code"]), int(image.header["qform_code"])) == (1, code_of_qform)
    if code_of_qform:
        assert np.allclose(image.get_qform(), image.get_sform(), atol=1e-3)


@pytest.mark.parametrize("lie", ["axial", "sagittal", "flipped", "oblique"])
def test_itk_finds_the_ball_at_its_place(make_case, tmp_path: Path, lie: str) -> None:
    result, volume = make_case(lie)
    (tmp_path / "n.nii.gz").write_bytes(nodules_nifti(result, volume))
    image = SimpleITK.ReadImage(str(tmp_path / "n.nii.gz"))
    kji = np.argwhere(SimpleITK.GetArrayFromImage(image) == 1)
    lps = image.TransformContinuousIndexToPhysicalPoint(kji.mean(axis=0)[::-1].tolist())
    assert lps == pytest.approx(np.array(result.findings[0].centre_lps_mm), abs=0.25)
    corner = image.TransformIndexToPhysicalPoint((0, 0, 0))
    assert corner == pytest.approx(result.affine_lps[:3, 3], abs=1e-3)


def test_one_label_for_each_finding_and_the_more_probable_wins(make_case) -> None:
    result, volume = make_case(offsets_mm=((0, 0, 0), (20, 0, 0), (5, 0, 0)))
    labels = np.frombuffer(gzip.decompress(nodules_nifti(result, volume))[352:], dtype=np.uint8).reshape(40, 60, 70)
    counts = [int((labels == n).sum()) for n in (1, 2, 3)]
    full = [int(f.mask.voxels.sum()) for f in result.findings]
    assert counts[:2] == full[:2]
    assert 0 < counts[2] < full[2]


def test_more_than_255_findings_need_two_bytes(make_case) -> None:
    result, volume = make_case()
    many = replace(result, findings=(replace(result.findings[0], finding_id=300),))
    image = nibabel.Nifti1Image.from_bytes(gzip.decompress(nodules_nifti(many, volume)))
    assert image.get_data_dtype() == np.uint16
    assert int(np.asarray(image.dataobj).max()) == 300


def test_header_holds_no_text_and_gzip_no_name_or_time(make_case) -> None:
    result, volume = make_case()
    data = nodules_nifti(result, volume)
    assert data == nodules_nifti(result, volume)
    assert data[3] == 0  # no flags: no file name
    assert data[4:8] == bytes(4)  # no time
    header = nibabel.Nifti1Image.from_bytes(gzip.decompress(data)).header
    for name in ("descrip", "aux_file", "db_name", "intent_name"):
        assert bytes(header[name]).strip(b"\0") == b""
    assert header.get_xyzt_units()[0] == "mm"


def test_memory_is_that_of_the_label_map(make_case) -> None:
    result, volume = make_case()
    large = replace(result, shape_ijk=(400, 400, 100))
    nodules_nifti(result, volume)  # what is imported or cached once does not count
    tracemalloc.start()
    try:
        nodules_nifti(large, volume)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 1.2 * 400 * 400 * 100


def test_mask_beyond_the_grid_is_an_error(make_case) -> None:
    result, volume = make_case()
    mask = replace(result.findings[0].mask, start_kji=(38, 0, 0))
    with pytest.raises(ValueError, match="mask of finding 1"):
        nodules_nifti(replace(result, findings=(replace(result.findings[0], mask=mask),)), volume)


def test_no_grid_no_file(rejected) -> None:
    assert nodules_nifti(rejected, None) is None
