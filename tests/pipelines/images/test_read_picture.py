"""Pictures of every kind, against values that were put in by hand."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from resmtnet.pipelines.images.read_picture import read_picture
from resmtnet.pipelines.ingest.ingest_error import IngestError

RAMP = np.arange(60, dtype=np.uint8).reshape(6, 10) * 4
HALF_STEP = 0.5 / 255  # of 8 bits


def code_of(path: Path, **more: object) -> tuple[str, str]:
    with pytest.raises(IngestError) as caught:
        read_picture(path, **more)  # type: ignore[arg-type]
    return caught.value.code, caught.value.status


@pytest.mark.parametrize(("name", "kind"), [("a.png", "png"), ("a.bmp", "bmp"), ("a.tif", "tiff")])
def test_lossless_grey_is_the_value_over_255_whatever_the_file(tmp_path, name, kind):
    Image.fromarray(RAMP).save(tmp_path / name)
    picture = read_picture(tmp_path / name)
    assert picture.kind == kind
    assert picture.grey.dtype == np.float32
    np.testing.assert_array_equal(picture.grey, (RAMP / 255).astype(np.float32))
    Image.fromarray(np.repeat(RAMP[..., None], 3, axis=2)).save(tmp_path / "rgb.png")
    assert read_picture(tmp_path / "rgb.png").digest == picture.digest  # grey in colours is the same picture


def test_jpeg_is_near_and_its_kind_is_told_from_the_content(tmp_path):
    smooth = np.add.outer(np.arange(64), np.arange(64)).astype(np.uint8)
    Image.fromarray(smooth).save(tmp_path / "a.jpg", quality=95)
    (tmp_path / "no_name").write_bytes((tmp_path / "a.jpg").read_bytes())
    picture = read_picture(tmp_path / "no_name")
    assert picture.kind == "jpeg"
    np.testing.assert_allclose(picture.grey, smooth / 255, atol=3 / 255)


def test_colours_weigh_as_bt_601_says(tmp_path):
    pure = np.zeros((1, 4, 3), np.uint8)
    pure[0, 0, 0] = pure[0, 1, 1] = pure[0, 2, 2] = 255
    pure[0, 3] = (10, 100, 200)
    Image.fromarray(pure).save(tmp_path / "a.png")
    expected = [0.299, 0.587, 0.114, (0.299 * 10 + 0.587 * 100 + 0.114 * 200) / 255]
    np.testing.assert_allclose(read_picture(tmp_path / "a.png").grey[0], expected, atol=1e-6)


def test_palette_transparency_and_one_bit(tmp_path):
    palette = Image.new("P", (3, 1))
    palette.putpalette([0, 0, 0, 255, 0, 0, 128, 128, 128])
    palette.putdata([0, 1, 2])
    palette.save(tmp_path / "p.png")
    np.testing.assert_allclose(read_picture(tmp_path / "p.png").grey[0], [0, 0.299, 128 / 255], atol=1e-6)
    clear = np.array([[[200, 200, 200, 255], [200, 200, 200, 0]]], np.uint8)
    Image.fromarray(clear).save(tmp_path / "rgba.png")
    np.testing.assert_allclose(read_picture(tmp_path / "rgba.png").grey[0], [200 / 255, 0], atol=1e-6)
    Image.fromarray(np.array([[True, False]])).save(tmp_path / "bit.png")
    np.testing.assert_array_equal(read_picture(tmp_path / "bit.png").grey[0], [1, 0])


@pytest.mark.parametrize("name", ["a.png", "a.tif"])
def test_sixteen_bits_keep_their_depth(tmp_path, name):
    values = np.array([[0, 1, 256, 40000, 65535]], np.uint16)
    Image.fromarray(values).save(tmp_path / name)
    np.testing.assert_allclose(read_picture(tmp_path / name).grey, values / 65535, atol=1e-7)


def test_pages_of_a_tiff_are_frames(tmp_path):
    pages = [Image.fromarray(RAMP + n) for n in range(3)]
    pages[0].save(tmp_path / "a.tif", save_all=True, append_images=pages[1:])
    assert read_picture(tmp_path / "a.tif").n_frames == 3
    np.testing.assert_allclose(read_picture(tmp_path / "a.tif", frame=2).grey, (RAMP + 2) / 255, atol=1e-7)
    assert code_of(tmp_path / "a.tif", frame=3) == ("E_BAD_HEADER", "rejected")


def test_tiff_is_turned_as_its_tag_says_and_others_are_not(tmp_path):
    """Orientation 6 (TIFF 6.0 section 8): row 0 is the right side of the picture that is shown."""
    Image.fromarray(RAMP).save(tmp_path / "a.tif", tiffinfo={274: 6})
    np.testing.assert_allclose(read_picture(tmp_path / "a.tif").grey, np.rot90(RAMP, -1) / 255, atol=1e-7)
    turned = Image.Exif()
    turned[274] = 6
    Image.fromarray(RAMP).save(tmp_path / "a.png", exif=turned)
    np.testing.assert_allclose(read_picture(tmp_path / "a.png").grey, RAMP / 255, atol=1e-7)


@pytest.mark.parametrize(("name", "share"), [("a.png", 0.5), ("a.jpg", 0.5), ("a.tif", 0.3), ("a.bmp", 0.5)])
def test_a_truncated_file_is_refused(tmp_path, name, share):
    noise = np.random.default_rng(0).integers(0, 256, (64, 64), np.uint8)
    Image.fromarray(noise).save(tmp_path / name)
    data = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(data[: int(len(data) * share)])
    code, status = code_of(tmp_path / name)
    assert code in ("E_TRUNCATED", "E_BAD_HEADER", "E_DECODE")
    assert status in ("rejected", "failed")


def test_broken_and_foreign_files_are_told_apart(tmp_path):
    (tmp_path / "empty.png").write_bytes(b"")
    (tmp_path / "text.jpg").write_text("no picture at all")
    (tmp_path / "text.txt").write_text("no picture at all")
    (tmp_path / "head.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"x" * 50)
    assert code_of(tmp_path / "empty.png") == ("E_BAD_HEADER", "rejected")
    assert code_of(tmp_path / "text.jpg") == ("E_BAD_HEADER", "rejected")
    assert code_of(tmp_path / "head.png") == ("E_BAD_HEADER", "rejected")
    assert code_of(tmp_path / "text.txt") == ("I_NOT_PICTURE", "skipped")
    assert code_of(tmp_path / "gone.png") == ("E_UNREADABLE", "failed")


def png_that_claims(rows: int, columns: int) -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", columns, rows, 8, 0, 0, 0, 0)
    pixels = zlib.compress(b"\0" * 10_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def test_a_bomb_is_refused_by_its_header(tmp_path):
    (tmp_path / "bomb.png").write_bytes(png_that_claims(60_000, 60_000))
    assert code_of(tmp_path / "bomb.png") == ("E_TOO_LARGE", "rejected")
    Image.fromarray(RAMP).save(tmp_path / "a.png")
    assert code_of(tmp_path / "a.png", max_pixels=59) == ("E_TOO_LARGE", "rejected")
    assert read_picture(tmp_path / "a.png", max_pixels=60).grey.size == 60


def test_floating_point_values_have_no_range_and_are_refused(tmp_path):
    Image.fromarray(np.full((4, 4), 0.5, np.float32)).save(tmp_path / "a.tif")
    assert code_of(tmp_path / "a.tif") == ("E_PICTURE_FORMAT", "rejected")


def test_a_link_is_never_followed(tmp_path):
    stream = io.BytesIO()
    Image.fromarray(RAMP).save(stream, format="PNG")
    (tmp_path / "a.png").write_bytes(stream.getvalue())
    (tmp_path / "link.png").symlink_to(tmp_path / "a.png")
    assert code_of(tmp_path / "link.png") == ("E_UNREADABLE", "failed")


@pytest.mark.data
def test_real_pictures_agree_with_pillow(shared_data):
    for name in ("busi/benign/benign_1.png", "iq_othnccd/normal/Normal_case_1.jpg"):
        expected = np.asarray(Image.open(shared_data / name).convert("L"), np.float64) / 255
        np.testing.assert_allclose(read_picture(shared_data / name).grey, expected, atol=2 * HALF_STEP)
