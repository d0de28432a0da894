"""NIfTI, MetaImage and NRRD: the same volume as from DICOM, or a refusal."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import nibabel
import numpy as np
import pytest
import SimpleITK as sitk

from resmtnet.pipelines.phantom.dicom_series import write_ct_series
from resmtnet.pipelines.phantom.linear import linear_phantom

SHAPE = (12, 16, 20)
LPS_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])


def rotated(affine: np.ndarray) -> np.ndarray:
    """A little oblique, so that no axis is spared."""
    a, b = np.radians(11), np.radians(-23)
    about_z = np.array([[np.cos(a), -np.sin(a), 0], [np.sin(a), np.cos(a), 0], [0, 0, 1]])
    about_x = np.array([[1, 0, 0], [0, np.cos(b), -np.sin(b)], [0, np.sin(b), np.cos(b)]])
    matrix = affine.copy()
    matrix[:3, :3] = about_z @ about_x @ affine[:3, :3]
    return matrix


def nifti(path: Path, kji: np.ndarray, affine: np.ndarray) -> None:
    image = nibabel.Nifti1Image(kji.T, LPS_RAS @ affine)
    image.set_sform(LPS_RAS @ affine, 1)
    image.set_qform(LPS_RAS @ affine, 1)
    nibabel.save(image, path)


def odd_nifti(path: Path, kji: np.ndarray, affine: np.ndarray, order: str = "<", **fields: object) -> None:
    """Write header and voxels by hand, as nibabel itself would put the header right."""
    image = nibabel.Nifti1Image(kji.T, LPS_RAS @ affine)
    image.set_sform(LPS_RAS @ affine, 1)
    header = image.header.as_byteswapped(order)
    for name, value in {"vox_offset": 352, **fields}.items():
        header[name] = value
    data = header.binaryblock + bytes(4) + kji.astype(kji.dtype.newbyteorder(order)).tobytes()
    path.write_bytes(gzip.compress(data, 1) if path.suffix == ".gz" else data)


def itk(path: Path, kji: np.ndarray, affine: np.ndarray, compress: bool = False) -> None:
    image = sitk.GetImageFromArray(kji)
    spacing = np.linalg.norm(affine[:3, :3], axis=0)
    image.SetSpacing(spacing.tolist())
    image.SetOrigin(affine[:3, 3].tolist())
    image.SetDirection((affine[:3, :3] / spacing).reshape(-1).tolist())
    sitk.WriteImage(image, str(path), compress)


WRITERS: dict[str, Callable[[Path, np.ndarray, np.ndarray], None]] = {
    "scan.nii": nifti,
    "scan.nii.gz": nifti,
    "float.nii.gz": lambda path, hu, affine: nifti(path, hu.astype(np.float32), affine),
    "double.nii": lambda path, hu, affine: nifti(path, hu.astype(np.float64), affine),
    "big_endian.nii": lambda path, hu, affine: odd_nifti(path, hu, affine, ">"),
    "scan.mha": itk,
    "small.mha": lambda path, hu, affine: itk(path, hu, affine, True),
    "scan.mhd": itk,
    "scan.nrrd": lambda path, hu, affine: itk(path, hu, affine, False),
    "small.nrrd": lambda path, hu, affine: itk(path, hu, affine, True),
    "detached.nhdr": lambda path, hu, affine: itk(path, hu, affine, False),
    "ras.nrrd": lambda path, hu, affine: nrrd_in_ras(path, hu, affine),
}


def nrrd_in_ras(path: Path, hu: np.ndarray, affine: np.ndarray) -> None:
    ras = LPS_RAS @ affine
    vector = "({:.17g},{:.17g},{:.17g})".format
    header = (
        "NRRD0004\ntype: int16\ndimension: 3\nspace: right-anterior-superior\nsizes: 20 16 12\n"
        f"space directions: {' '.join(vector(*column) for column in ras[:3, :3].T)}\n"
        f"kinds: domain domain domain\nendian: little\nencoding: raw\nspace origin: {vector(*ras[:3, 3])}\n\n"
    )
    path.write_bytes(header.encode() + hu.astype("<i2").tobytes())


@pytest.mark.parametrize("name", WRITERS)
def test_a_volume_file_gives_what_the_dicom_series_gives(name, tmp_path, affine, ingest, assert_linear):
    grid = rotated(affine)
    hu = linear_phantom(SHAPE, grid)
    write_ct_series(tmp_path / "dicom", hu, grid)
    (tmp_path / "file").mkdir()
    WRITERS[name](tmp_path / "file" / name, hu, grid)
    (series,) = ingest(tmp_path / "dicom").volumes
    outcome = ingest(tmp_path / "file")
    assert outcome.refused == []
    assert outcome.skipped == {}
    (volume,) = outcome.volumes
    np.testing.assert_array_equal(volume.hu, series.hu)
    assert volume.hu.dtype == np.int16
    assert volume.hu.flags.c_contiguous
    np.testing.assert_allclose(volume.affine_lps, series.affine_lps, atol=2e-5)
    assert volume.digest == series.digest
    assert_linear(volume)


def test_scaled_nifti_keeps_fractions(tmp_path, affine, ingest):
    path = tmp_path / "scaled.nii"
    hu = linear_phantom(SHAPE, affine)
    stored = np.rint((hu + 700) / 0.3).astype(np.int16)
    odd_nifti(path, stored, affine, scl_slope=0.3, scl_inter=-700)
    (volume,) = ingest(path).volumes
    assert volume.hu.dtype == np.float32
    assert np.abs(volume.hu - hu).max() <= 0.151


def test_one_volume_in_four_dimensions_is_a_volume(tmp_path, affine, ingest, assert_linear):
    hu = linear_phantom(SHAPE, affine)
    nifti(tmp_path / "one.nii.gz", hu[None], affine)
    (volume,) = ingest(tmp_path).volumes
    np.testing.assert_array_equal(volume.hu, hu)


def test_a_bad_qform_beside_a_good_sform_is_ignored(tmp_path, affine, ingest, assert_linear):
    with_bad_qform(1)(tmp_path / "scan.nii", linear_phantom(SHAPE, affine), affine)
    (volume,) = ingest(tmp_path).volumes
    assert volume.codes == ()
    np.testing.assert_allclose(volume.affine_lps, affine, atol=2e-5)
    assert_linear(volume)


def with_one(value: float) -> Callable[[Path, np.ndarray, np.ndarray], None]:
    def write(path: Path, hu: np.ndarray, affine: np.ndarray) -> None:
        values = hu.astype(np.float32)
        values[3, 4, 5] = value
        nifti(path, values, affine)

    return write


def cut(write: Callable[..., None], keep: float, name: str) -> Callable[[Path, np.ndarray, np.ndarray], None]:
    def writer(path: Path, hu: np.ndarray, affine: np.ndarray) -> None:
        noise = np.random.default_rng(0).integers(-1000, 1000, hu.shape).astype(np.int16)
        write(path, noise, affine)
        target = path.with_suffix(".raw") if name.endswith(".mhd") else path
        data = target.read_bytes()
        target.write_bytes(data[: int(len(data) * keep)])

    return writer


def without_place(path: Path, hu: np.ndarray, affine: np.ndarray) -> None:
    odd_nifti(path, hu, affine, sform_code=0, qform_code=0)


def singular(path: Path, hu: np.ndarray, affine: np.ndarray) -> None:
    odd_nifti(path, hu, affine, srow_y=[0, 0, 0, 0])


def colour(path: Path, hu: np.ndarray, affine: np.ndarray) -> None:
    rgb = np.zeros(hu.T.shape, np.dtype([("R", "u1"), ("G", "u1"), ("B", "u1")]))
    nibabel.save(nibabel.Nifti1Image(rgb, LPS_RAS @ affine), path)


def in_metres(path: Path, hu: np.ndarray, affine: np.ndarray) -> None:
    odd_nifti(path, hu, affine, xyzt_units=1)


def with_bad_qform(sform_code: int) -> Callable[[Path, np.ndarray, np.ndarray], None]:
    # a quaternion's parts are sines: none is above 1
    return lambda path, hu, affine: odd_nifti(path, hu, affine, sform_code=sform_code, qform_code=1, quatern_b=2.0)


def edited_header(writer: Callable[..., None], old: bytes, new: bytes) -> Callable[..., None]:
    def write(path: Path, hu: np.ndarray, affine: np.ndarray) -> None:
        writer(path, hu, affine)
        data = path.read_bytes()
        assert old in data
        path.write_bytes(data.replace(old, new, 1))

    return write


def without_raw(path: Path, hu: np.ndarray, affine: np.ndarray) -> None:
    itk(path, hu, affine)
    path.with_suffix(".raw").unlink()


def text(path: Path, hu: np.ndarray, affine: np.ndarray) -> None:
    path.write_text("no image\n" * 100)


REFUSED = [
    ("flat.nii", lambda p, hu, a: nifti(p, hu[:1], a), "E_NOT_3D"),
    ("flat.mha", lambda p, hu, a: sitk.WriteImage(sitk.GetImageFromArray(hu[0]), str(p)), "E_NOT_3D"),
    ("four.nii.gz", lambda p, hu, a: nifti(p, np.stack([hu, hu]), a), "E_NOT_3D"),
    ("thin.nii.gz", lambda p, hu, a: nifti(p, hu[:3], a), "E_TOO_FEW_SLICES"),
    ("nan.nii.gz", with_one(np.nan), "E_NAN"),
    ("inf.nii.gz", with_one(np.inf), "E_NAN"),
    ("minus_inf.nii", with_one(-np.inf), "E_NAN"),
    ("cut.nii", cut(nifti, 0.5, ""), "E_TRUNCATED"),
    ("cut.nii.gz", cut(nifti, 0.5, ""), "E_TRUNCATED"),
    ("cut.mha", cut(itk, 0.9, ""), "E_TRUNCATED"),
    ("cut.mhd", cut(itk, 0.9, ".mhd"), "E_TRUNCATED"),
    ("cut.nrrd", cut(itk, 0.9, ""), "E_TRUNCATED"),
    ("cut_small.mha", cut(lambda p, hu, a: itk(p, hu, a, True), 0.9, ""), "E_DECODE"),
    ("cut_small.nrrd", cut(lambda p, hu, a: itk(p, hu, a, True), 0.9, ""), "E_DECODE"),
    ("nowhere.nii.gz", without_place, "E_NO_GEOMETRY"),
    ("singular.nii.gz", singular, "E_BAD_AFFINE"),
    ("metres.nii.gz", in_metres, "E_BAD_AFFINE"),
    ("furlongs.nii", lambda p, hu, a: odd_nifti(p, hu, a, xyzt_units=5), "E_BAD_HEADER"),
    ("bad_qform.nii", with_bad_qform(0), "E_BAD_HEADER"),
    ("one_axis.nii", lambda p, hu, a: odd_nifti(p, hu, a, qform_code=1, dim=[1, 20, 1, 1, 1, 1, 1, 1]), "E_NOT_3D"),
    ("colour.nii.gz", colour, "E_PIXEL_FORMAT"),
    ("complex.nii.gz", lambda p, hu, a: nifti(p, hu.astype(np.complex64), a), "E_PIXEL_FORMAT"),
    ("mask.nii.gz", lambda p, hu, a: nifti(p, (hu > -600).astype(np.uint8), a), "E_NOT_HU"),
    ("offset.nii.gz", lambda p, hu, a: nifti(p, hu + np.int16(1024), a), "E_NOT_HU"),
    ("constant.nii.gz", lambda p, hu, a: nifti(p, hu * 0 - 1000, a), "E_CONSTANT"),
    ("text.nii", text, "E_BAD_HEADER"),
    ("text.nii.gz", text, "E_BAD_HEADER"),
    ("text.nrrd", text, "E_BAD_HEADER"),
    ("text.mhd", text, "E_BAD_HEADER"),
    ("empty.nii.gz", lambda p, hu, a: p.touch(), "E_BAD_HEADER"),
    ("noraw.mhd", without_raw, "E_TRUNCATED"),
    ("nospacing.mha", edited_header(itk, b"ElementSpacing", b"ElementNothing"), "E_NO_GEOMETRY"),
    ("noorigin.mha", edited_header(itk, b"Offset", b"Nothin"), "E_NO_GEOMETRY"),
    ("elsewhere.mhd", edited_header(itk, b"elsewhere.raw", b"../elsewhere.raw"), "E_BAD_HEADER"),
    ("noframe.nrrd", edited_header(itk, b"space: left-posterior-superior", b"space dimension: 3"), "E_NO_GEOMETRY"),
]


@pytest.mark.parametrize(("name", "write", "code"), REFUSED, ids=[name for name, _, _ in REFUSED])
def test_what_is_no_ct_volume_is_refused(name, write, code, tmp_path, affine, ingest):
    write(tmp_path / name, linear_phantom(SHAPE, affine), affine)
    outcome = ingest(tmp_path)
    assert outcome.volumes == []
    assert [found for found, _ in outcome.refused] == [code]


def test_a_header_that_promises_more_than_there_is(tmp_path, affine, ingest):
    for name in ("scan.nii", "scan.nii.gz"):
        odd_nifti(tmp_path / name, linear_phantom(SHAPE, affine), affine, dim=[3, 900, 900, 900, 1, 1, 1, 1])
    assert [code for code, _ in ingest(tmp_path).refused] == ["E_TRUNCATED", "E_TRUNCATED"]
