"""A JPEG lossless frame of which a part is missing is refused: its decoder would make the voxels up."""

from __future__ import annotations

import numpy as np
import pydicom
import pytest
from pydicom.encaps import encapsulate, get_frame
from pydicom.uid import JPEGLosslessSV1

from resmtnet.pipelines.phantom.code_as import code_as

END = b"\xff\xd9"


def lossy_transport(series, change):
    """Write a noisy series, and take something out of the codestream of one slice."""
    noise = np.random.default_rng(0)
    files = series.write(lambda k, ds: series.store(ds, noise.integers(0, 2000, series.shape[1:])))
    for path in files:
        code_as(path, JPEGLosslessSV1)
    ds = pydicom.dcmread(files[4])
    frame = get_frame(ds.PixelData, 0, number_of_frames=1)
    frame = frame[: frame.rindex(END) + 2]
    ds.PixelData = encapsulate([change(frame)])
    ds.save_as(files[4], enforce_file_format=True)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda frame: frame[:-3], "E_TRUNCATED"),  # the last voxel would be made up
        (lambda frame: frame[:-40] + END, "E_DECODE"),
        (lambda frame: frame[:400] + frame[700:], "E_DECODE"),  # a lost fragment
    ],
)
def test_what_is_missing_is_not_made_up(change, code, series, ingest):
    lossy_transport(series, change)
    outcome = ingest(series.folder)
    assert [found for found, _ in outcome.refused] == [code]


def test_a_whole_one_is_read(series, ingest):
    lossy_transport(series, lambda frame: frame)
    (volume,) = ingest(series.folder).volumes
    stored = np.random.default_rng(0).integers(0, 2000, (12, *series.shape[1:]))
    np.testing.assert_array_equal(volume.hu, stored - 1024)
