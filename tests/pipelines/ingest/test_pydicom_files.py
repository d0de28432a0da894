"""The test files that come with pydicom: every one ends in the code it must, and the CT images in pydicom's values."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pydicom
import pytest

from resmtnet.pipelines.ingest.ingest_records import ingest_records
from resmtnet.pipelines.ingest.plan_scans import plan_scans
from resmtnet.pipelines.ingest.read_volume import read_volume

# by their place: pydicom's own functions would download what is not there
FOLDER = Path(pydicom.__file__).parent / "data" / "test_files"
CT = ("693_J2KI.dcm", "CT_small.dcm", "J2K_pixelrep_mismatch.dcm")
NOT_CT = """
ExplVR_BigEnd.dcm MR_small.dcm MR_small_RLE.dcm MR_small_bigendian.dcm MR_small_expb.dcm MR_small_implicit.dcm
MR_small_jp2klossless.dcm MR_small_jpeg_ls_lossless.dcm MR_small_padded.dcm MR_truncated.dcm UN_sequence.dcm priv_SQ.dcm
examples_jpeg2k.dcm examples_overlay.dcm examples_palette.dcm examples_rgb_color.dcm
"""
# big endian without meta information; one byte too many at the start; a fragment of a data set; texts
NON_DICOM = """
ExplVR_BigEndNoMeta.dcm no_meta.dcm meta_missing_tsyntax.dcm README.txt crayons.icc rtplan.dump rtstruct.dump test1.json
test_PN.json zipMR.gz
"""
CODES = (
    dict.fromkeys(CT, "E_TOO_FEW_SLICES")
    | dict.fromkeys(NOT_CT.split(), "E_NOT_CT")
    | dict.fromkeys(NON_DICOM.split(), "I_NON_DICOM")
    | {"examples_ybr_color.dcm": "E_TRANSFER_SYNTAX"}
)
FOLDERS = {
    "77654033": ["E_NOT_CT"] * 3 + ["E_MISSING_SLICES W_PARTIAL_COVERAGE"],
    "98892001": ["I_LOCALIZER", "W_PARTIAL_COVERAGE"],
    "98892003": ["E_NOT_CT"] * 7,
    "TINY_ALPHA": ["E_PIXEL_FORMAT"],
}


def on_disk() -> list[str]:
    return sorted(path.name for path in FOLDER.iterdir() if path.is_file())


def test_the_files_are_here():
    assert set(on_disk()) >= CODES.keys()


@pytest.mark.parametrize("name", on_disk())
def test_a_file_alone(name):
    scans = plan_scans(FOLDER / name)
    assert scans.plans == ()
    # all else is a secondary capture, a report, a plan, a dose, a waveform
    found = [rejection.code for rejection in scans.rejections] + list(scans.skipped)
    assert found == [CODES.get(name, "I_NON_IMAGE")]


@pytest.mark.parametrize("name", FOLDERS)
def test_a_folder(name):
    records = ingest_records(FOLDER / "dicomdirtests" / name)
    assert sorted(" ".join(record["codes"]) for record in records) == sorted(FOLDERS[name])


def test_every_dicomdir_is_passed_over():
    scans = plan_scans(FOLDER / "dicomdirtests")
    directories = [path for path in (FOLDER / "dicomdirtests").rglob("DICOMDIR*") if path.is_file()]
    assert scans.skipped["I_DICOMDIR"] == len(directories) > 5


@pytest.mark.parametrize("name", CT)
def test_values_are_those_of_pydicom(name, tmp_path):
    """Each image stands for one slice of four, moved apart, as one image is no volume."""
    for k in range(4):
        ds = pydicom.dcmread(FOLDER / name)
        ds.ImagePositionPatient, ds.ImageOrientationPatient = [0, 0, 2 * k], [1, 0, 0, 0, 1, 0]
        ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = f"2.25.{k + 1}"
        ds.save_as(tmp_path / str(k))
    (plan,) = plan_scans(tmp_path).plans
    hu = read_volume(plan).hu
    ds = pydicom.dcmread(FOLDER / name)
    expected = np.clip(ds.pixel_array * float(ds.RescaleSlope) + float(ds.RescaleIntercept), -1024, 32767)
    for plane in hu:
        np.testing.assert_array_equal(plane, expected)
