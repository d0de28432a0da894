"""Every coding gives the voxels of the phantom, whoever decodes them."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from pydicom.encaps import encapsulate

from resmtnet.pipelines.ingest.ingest_error import IngestError
from resmtnet.pipelines.ingest.read_dicom_series import read_dicom_series
from resmtnet.pipelines.ingest.sandbox.decode_slices import CodedSlice, decode_slices
from resmtnet.pipelines.ingest.sandbox.shared_memory import SharedMemory

CODINGS = {
    "JPEG-LS": "pyjpegls",
    "JPEG 2000": "pylibjpeg-openjpeg",
    "JPEG lossless": "python-gdcm",
    "RLE": "resmtnet",
    "deflated": "resmtnet",
}


@pytest.mark.parametrize("coding", CODINGS)
def test_a_coding_without_loss_gives_back_what_was_coded(coding, make_series, make_pool):
    plan, hu = make_series(coding)
    voxels = read_dicom_series(plan, make_pool())
    np.testing.assert_array_equal(voxels.hu, hu)
    assert voxels.hu.dtype == np.int16
    assert voxels.hu.flags.c_contiguous
    assert voxels.hu.flags.writeable
    assert voxels.decoder.startswith(CODINGS[coding] + " ")


def test_native_pixels_need_no_worker(make_series, make_pool):
    pool = make_pool()
    plan, hu = make_series("raw")
    np.testing.assert_array_equal(read_dicom_series(plan, pool).hu, hu)
    assert pool.pids == ()


def test_slices_of_several_codings_are_one_volume(make_series, make_pool):
    raw, hu = make_series("raw", "a")
    coded, _ = make_series("JPEG-LS", "b")
    slices = [raw.slices[k] if k % 3 else coded.slices[k] for k in range(len(hu))]
    np.testing.assert_array_equal(read_dicom_series(dataclasses.replace(raw, slices=tuple(slices)), make_pool()).hu, hu)


def test_both_workers_decode(make_series, make_pool):
    pool = make_pool()
    read_dicom_series(make_series()[0], pool)
    assert len(set(pool.pids)) == 2
    for pid in pool.pids:
        assert "_CharLS" in Path(f"/proc/{pid}/maps").read_text()  # the library comes with the first slice


def test_there_are_no_more_workers_than_work(make_series, make_pool):
    pool = make_pool(size=64)
    plan, _ = make_series()
    read_dicom_series(plan, pool)
    assert 2 <= len(pool.pids) <= len(plan.slices)


def test_frames_of_one_file_go_to_their_slices(make_series, make_pool, tmp_path):
    plan, hu = make_series()
    frames = []
    for source in plan.slices:
        data = source.path.read_bytes()[source.pixels.offset :]
        start = 8 + int.from_bytes(data[4:8], "little")  # behind the offset table
        frames.append(data[start + 8 : start + 8 + int.from_bytes(data[start + 4 : start + 8], "little")])
    data = encapsulate(frames, has_bot=False)
    path = tmp_path / "frames"
    path.write_bytes(data)
    count, mtime_ns = len(frames), path.stat().st_mtime_ns
    common = {"offset": 0, "length": len(data), "file_bytes": len(data), "file_mtime_ns": mtime_ns, "frames": count}
    layout = dataclasses.replace(plan.slices[0].pixels, **common)
    # slice k is frame count-1-k
    slices = [CodedSlice(k, path, dataclasses.replace(layout, frame=count - 1 - k)) for k in range(count)]
    with SharedMemory(hu.nbytes) as memory:
        decode_slices(slices, memory, hu.dtype, make_pool())
        np.testing.assert_array_equal(memory.array(hu.shape, hu.dtype), hu[::-1])


def test_the_first_bad_slice_is_named_whoever_met_it(make_series, make_pool, rewrite):
    plan, _ = make_series()
    for k in (11, 6, 3):
        path = plan.slices[k].path
        data = bytearray(path.read_bytes())
        at = data.index(b"\xff\xd8\xff\xf7")
        data[at + 7] ^= 1  # rows of the codestream
        rewrite(path, bytes(data))
    with pytest.raises(IngestError, match=r"E_CODESTREAM_MISMATCH.*found 288 x 40 x 1.*\(slice 4 of 12\)"):
        read_dicom_series(plan, make_pool())


def test_a_series_beyond_the_largest_volume_is_refused_unread(make_series):
    from resmtnet.pipelines.ingest.header.read_slice_headers import read_slice_headers
    from resmtnet.pipelines.ingest.series.judge_series import judge_series
    from resmtnet.pipelines.ingest.volume_file.judge_volume_header import MAX_VOXELS

    plan, _ = make_series("raw")
    (header,) = read_slice_headers(plan.slices[0].path, "a")
    side = 8192
    pixels = dataclasses.replace(header.pixels, rows=side, columns=side, length=side * side * 2, file_bytes=2**40)
    header = dataclasses.replace(header, pixels=pixels)
    most = MAX_VOXELS // side**2
    assert "E_TOO_LARGE" not in [verdict.code for verdict in judge_series([header] * most)]
    assert judge_series([header] * (most + 1))[-1].code == "E_TOO_LARGE"
