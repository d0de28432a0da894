"""DICOM pictures, against values that were put in by hand."""

from __future__ import annotations

import io

import numpy as np
import pydicom
import pytest
from PIL import Image
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.uid import JPEG2000Lossless, JPEGBaseline8Bit, RLELossless

from resmtnet.pipelines.images.read_picture import read_picture
from resmtnet.pipelines.ingest.ingest_error import IngestError

RAMP = np.arange(48, dtype=np.uint8).reshape(6, 8) * 5


def code_of(path):
    with pytest.raises(IngestError) as caught:
        read_picture(path)
    return caught.value.code


def region(x_cm: float, y_cm: float, *, units: int = 3, form: int = 1) -> Dataset:
    item = Dataset()
    item.RegionSpatialFormat = form
    item.PhysicalUnitsXDirection = item.PhysicalUnitsYDirection = units
    item.PhysicalDeltaX, item.PhysicalDeltaY = x_cm, y_cm
    return item


def test_monochrome_2_and_1(tmp_path, write_us):
    bright = read_picture(write_us(tmp_path / "2.dcm", RAMP))
    np.testing.assert_array_equal(bright.grey, (RAMP / 255).astype(np.float32))
    assert (bright.kind, bright.modality, bright.n_frames, bright.codes) == ("dicom", "US", 1, ())
    dark = read_picture(write_us(tmp_path / "1.dcm", RAMP, "MONOCHROME1"))
    np.testing.assert_allclose(dark.grey, 1 - RAMP / 255, atol=1e-7)


def test_stored_bits_and_sign_say_the_full_range(tmp_path, write_us):
    values = np.array([[0, 2048, 4095, 0]], np.uint16)
    path = write_us(tmp_path / "12.dcm", values, BitsStored=12, HighBit=11)
    np.testing.assert_allclose(read_picture(path).grey, values / 4095, atol=1e-7)
    signed = np.array([[-32768, 0, 32767, 0]], np.int16)
    expected = (signed.astype(float) + 32768) / 65535
    np.testing.assert_allclose(read_picture(write_us(tmp_path / "s.dcm", signed)).grey, expected, atol=1e-7)


def test_rgb_and_ybr_are_the_same_grey(tmp_path, write_us):
    rgb = np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255], [90, 90, 90]]], np.uint8)
    grey = read_picture(write_us(tmp_path / "rgb.dcm", rgb, "RGB")).grey[0]
    np.testing.assert_allclose(grey, [0.299, 0.587, 0.114, 90 / 255], atol=1e-6)
    # PS3.3 C.7.6.3.1.2: Y is that luminance, so chroma must not matter
    r, g, b = (rgb[..., n].astype(float) for n in range(3))
    y = 0.299 * r + 0.587 * g + 0.114 * b
    ybr = np.rint(np.stack([y, 128 + 0.564 * (b - y), 128 + 0.713 * (r - y)], axis=-1)).clip(0, 255).astype(np.uint8)
    said = read_picture(write_us(tmp_path / "ybr.dcm", ybr, "YBR_FULL")).grey[0]
    np.testing.assert_allclose(said, grey, atol=2.5 / 255)


@pytest.mark.parametrize("syntax", [RLELossless, JPEG2000Lossless])
def test_frames_one_by_one_raw_and_compressed(tmp_path, write_us, syntax):
    large = np.kron(RAMP, np.ones((8, 8), np.uint8))
    frames = np.stack([large, large // 2, large // 3])
    path = write_us(tmp_path / "raw.dcm", frames)
    dataset = pydicom.dcmread(path)
    encoder = {"encoding_plugin": "pylibjpeg"} if syntax == JPEG2000Lossless else {"encoding_plugin": "pydicom"}
    dataset.compress(syntax, **encoder)
    dataset.save_as(tmp_path / "coded.dcm")
    for n in range(3):
        for name in ("raw.dcm", "coded.dcm"):
            picture = read_picture(tmp_path / name, frame=n)
            assert (picture.frame, picture.n_frames) == (n, 3)
            np.testing.assert_allclose(picture.grey, frames[n] / 255, atol=1e-7)


def test_jpeg_baseline_as_scanners_write_it(tmp_path, write_us):
    rgb = np.full((32, 48, 3), (40, 120, 200), np.uint8)
    dataset = pydicom.dcmread(write_us(tmp_path / "a.dcm", rgb, "RGB"))
    stream = io.BytesIO()
    Image.fromarray(rgb).save(stream, format="JPEG", quality=95)
    dataset.PixelData = encapsulate([stream.getvalue()])
    dataset["PixelData"].is_undefined_length = True
    dataset.PhotometricInterpretation = "YBR_FULL_422"
    dataset.file_meta.TransferSyntaxUID = JPEGBaseline8Bit
    dataset.save_as(tmp_path / "j.dcm")
    picture = read_picture(tmp_path / "j.dcm")
    np.testing.assert_allclose(picture.grey, (0.299 * 40 + 0.587 * 120 + 0.114 * 200) / 255, atol=3 / 255)
    assert picture.codes == ("W_LOSSY",)


def test_spacing_is_that_of_regions_in_cm_that_agree(tmp_path, write_us):
    def spacing(*regions: Dataset) -> tuple[float, float] | None:
        return read_picture(write_us(tmp_path / "a.dcm", RAMP, SequenceOfUltrasoundRegions=regions)).spacing_mm

    assert spacing(region(0.01, 0.02)) == (0.2, 0.1)  # between rows, between columns
    assert spacing(region(0.01, 0.02), region(0.01, 0.02), region(9, 9, form=3)) == (0.2, 0.1)
    assert spacing(region(0.01, 0.02), region(0.03, 0.02)) is None
    assert spacing(region(0.01, 0.02, units=4)) is None  # seconds
    assert read_picture(write_us(tmp_path / "b.dcm", RAMP, PixelSpacing=[0.5, 0.25])).spacing_mm == (0.5, 0.25)


def test_ct_goes_through_hu_and_the_window(tmp_path, write_us):
    stored = np.array([[0, 864, 1064, 1264, 3000, 924]], np.uint16)
    hu = stored.astype(float) - 1024
    path = write_us(tmp_path / "ct.dcm", stored, Modality="CT", RescaleSlope=1, RescaleIntercept=-1024)
    np.testing.assert_allclose(read_picture(path).grey, ((hu + 160) / 400).clip(0, 1), atol=1e-6)
    wide = read_picture(path, window_hu=(-1000, 1000)).grey
    np.testing.assert_allclose(wide, ((hu + 1000) / 2000).clip(0, 1), atol=1e-6)
    assert code_of(write_us(tmp_path / "no.dcm", stored, Modality="CT")) == "E_NO_RESCALE"


def test_what_cannot_be_read_has_a_code(tmp_path, write_us):
    whole = write_us(tmp_path / "a.dcm", RAMP).read_bytes()
    (tmp_path / "cut.dcm").write_bytes(whole[:-20])
    assert code_of(tmp_path / "cut.dcm") == "E_TRUNCATED"
    report = write_us(tmp_path / "sr.dcm", RAMP, SOPClassUID="1.2.840.10008.5.1.4.1.1.88.33")
    assert code_of(report) == "I_NON_IMAGE"
    dataset = pydicom.dcmread(tmp_path / "a.dcm")
    del dataset.PixelData
    dataset.save_as(tmp_path / "none.dcm")
    assert code_of(tmp_path / "none.dcm") == "E_NO_PIXELS"
    assert code_of(write_us(tmp_path / "deep.dcm", RAMP.astype(np.uint32))) == "E_PICTURE_FORMAT"


def test_warnings_are_those_of_the_header(tmp_path, write_us):
    path = write_us(tmp_path / "a.dcm", RAMP, BurnedInAnnotation="YES", LossyImageCompression="01")
    assert read_picture(path).codes == ("W_LOSSY", "W_BURNED_IN")
