from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from resmtnet.pipelines.convert.convert_scans import convert_scans
from resmtnet.pipelines.convert.orthogonalise import PADDING_HU, orthogonalise
from resmtnet.pipelines.ingest.ingest_error import IngestError
from resmtnet.pipelines.phantom.linear import HU_AT_ORIGIN, HU_PER_MM, linear_phantom
from resmtnet.pipelines.records import SeriesPlan, Volume

SHAPE = (12, 40, 48)
SPACING = (0.7, 0.8, 2.5)
# parts of j along i, of k along i, and of k along j
SHEARS = {"k along j": (0, 0, 0.3), "k along both": (0, -0.2, 0.25), "j along i too": (0.1, 0.3, 0.15)}


def make_volume(axes: np.ndarray, dtype: type = np.int16) -> Volume:
    affine = np.eye(4)
    affine[:3, :3] = axes * SPACING
    affine[:3, 3] = np.array([0, 0, -100]) - affine[:3, :3] @ (np.array(SHAPE[::-1]) / 2)
    hu = linear_phantom(SHAPE, affine).astype(dtype)
    plan = SeriesPlan("0" * 12, "dicom", Path(), SHAPE[::-1], SPACING, affine, 12, 12)
    return Volume(hu, affine, plan, codes=("W_GANTRY_TILT",), digest="before")


def sheared_axes(name: str) -> np.ndarray:
    j_i, k_i, k_j = SHEARS[name]
    axes = np.array([[1, j_i, k_i], [0, 1, k_j], [0, 0, 1]])
    cosine, sine = np.cos(0.4), np.sin(0.4)
    return np.array([[cosine, -sine, 0], [sine, cosine, 0], [0, 0, 1]]) @ axes


@pytest.mark.parametrize("dtype", [np.int16, np.float32])
@pytest.mark.parametrize("name", list(SHEARS))
def test_values_stand_where_they_stood(name, dtype):
    source = make_volume(sheared_axes(name), dtype)
    volume = orthogonalise(source)
    axes = volume.affine_lps[:3, :3] / np.linalg.norm(volume.affine_lps[:3, :3], axis=0)
    assert np.abs(axes.T @ axes - np.eye(3)).max() < 1e-12
    assert volume.affine_lps[:3, 0] == pytest.approx(source.affine_lps[:3, 0], abs=1e-12)
    assert volume.hu.dtype == dtype
    k, j, i = np.indices(volume.hu.shape)
    new = np.stack([i, j, k, np.ones_like(i)], axis=-1)
    lps = new @ volume.affine_lps.T
    old = lps @ np.linalg.inv(source.affine_lps).T
    inside = ((old[..., :3] >= 1e-6) & (old[..., :3] <= np.array(SHAPE[::-1]) - 1 - 1e-6)).all(axis=-1)
    outside = ((old[..., :3] < -1e-6) | (old[..., :3] > np.array(SHAPE[::-1]) - 1 + 1e-6)).any(axis=-1)
    expected = lps[..., :3] @ np.asarray(HU_PER_MM) + HU_AT_ORIGIN
    # half an HU from the rounding of the phantom, another half from that of the result
    assert np.abs(volume.hu - expected)[inside].max() <= (1.01 if dtype == np.int16 else 0.51)
    assert (volume.hu[outside] == PADDING_HU).all()
    assert inside.sum() > 0.5 * source.hu.size


@pytest.mark.parametrize("name", list(SHEARS))
def test_the_new_grid_holds_the_old_one(name):
    source = make_volume(sheared_axes(name))
    volume = orthogonalise(source)
    k, j, i = np.indices(SHAPE)
    places = np.stack([i, j, k, np.ones_like(i)], axis=-1) @ source.affine_lps.T
    index = (places @ np.linalg.inv(volume.affine_lps).T)[..., :3]
    assert index.min() > -1e-6
    assert (index.reshape(-1, 3).max(axis=0) < np.array(volume.hu.shape[::-1]) - 1 + 1e-6).all()


def test_planes_and_pixels_of_a_tilted_stack_stay(tmp_path):
    source = make_volume(np.array([[1, 0, 0], [0, 1, 0.3], [0, 0, 1]]))
    volume = orthogonalise(source)
    assert volume.hu.shape[0] == SHAPE[0]
    assert volume.plan.shape_ijk == volume.hu.shape[::-1]
    assert volume.plan.spacing_mm == pytest.approx(SPACING)
    assert volume.hu[0, : SHAPE[1], : SHAPE[2]] == pytest.approx(source.hu[0], abs=0)  # nothing is moved in the first
    assert (volume.codes, volume.plan.codes) == (("W_GANTRY_TILT", "W_ORTHOGONALISED"),) * 2
    assert len(volume.digest) == 64


def test_what_is_not_sheared_comes_back_as_it_is():
    volume = make_volume(np.array([[0.8, -0.6, 0], [0.6, 0.8, 0], [0, 0, 1]]))
    assert orthogonalise(volume) is volume


def test_an_absurd_shear_is_refused():
    volume = make_volume(np.eye(3))
    affine = volume.affine_lps @ np.array([[1, 0, 0, 0], [0, 1, 50.0, 0], [0, 0, 1, 0], [0, 0, 0, 1]])
    with pytest.raises(IngestError, match="E_TOO_LARGE"):
        orthogonalise(dataclasses.replace(volume, affine_lps=affine))


def test_the_record_says_so(tmp_path, write_lie):
    source = write_lie(tmp_path / "in", "tilted")
    (plain,) = convert_scans(source, tmp_path / "plain").records
    (record,) = convert_scans(source, tmp_path / "out", orthogonal=True).records
    assert record["codes"] == [*plain["codes"], "W_ORTHOGONALISED"]
    assert (record["status"], record["nifti"]["orthogonalised"], record["nifti"]["qform_code"]) == ("warned", True, 1)
    assert record["affine_lps"] == plain["affine_lps"]  # that of the scan; the file has its own
    assert record["digest"] == plain["digest"] != record["nifti"]["digest"]
    (straight,) = convert_scans(write_lie(tmp_path / "straight"), tmp_path / "o2", orthogonal=True).records
    assert (straight["nifti"]["orthogonalised"], "W_ORTHOGONALISED" in straight["codes"]) == (False, False)
