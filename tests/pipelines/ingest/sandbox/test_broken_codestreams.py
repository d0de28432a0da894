"""Whatever stands in a codestream, the answer is a volume or a code, and the next series is read."""

from __future__ import annotations

import numpy as np
import pytest

from resmtnet.pipelines.ingest.ingest_error import IngestError
from resmtnet.pipelines.ingest.read_dicom_series import read_dicom_series

SERIES = 25  # of 12 slices each, of which any may be hit: 300 broken codestreams of each kind
CODES = {"E_DECODE", "E_CODESTREAM_MISMATCH", "E_TRUNCATED", "E_TOO_LARGE", "E_CONSTANT", "F_WORKER_DIED"}


@pytest.mark.parametrize("coding", ["JPEG-LS", "JPEG 2000", "JPEG lossless", "RLE"])
def test_broken_codestreams_are_answered_with_a_code(coding, make_series, make_pool, rewrite):
    plan, hu = make_series(coding)
    pool = make_pool()
    good = [source.path.read_bytes() for source in plan.slices]
    random = np.random.default_rng(0)
    refused = 0
    for _ in range(SERIES):
        for source, data in zip(plan.slices, good, strict=True):
            broken = np.frombuffer(data, np.uint8).copy()
            places = random.integers(source.pixels.offset + 16, len(data), 8)
            broken[places] = random.integers(0, 256, 8)
            rewrite(source.path, broken.tobytes())
        try:
            assert read_dicom_series(plan, pool).hu.shape == hu.shape
        except IngestError as error:
            assert error.code in CODES  # noqa: PT017 - a volume is an answer, too
            refused += 1
    assert refused > 0
    for source, data in zip(plan.slices, good, strict=True):
        rewrite(source.path, data)
    np.testing.assert_array_equal(read_dicom_series(plan, pool).hu, hu)
