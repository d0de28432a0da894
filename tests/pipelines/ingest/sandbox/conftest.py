from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)

from resmtnet.pipelines.ingest.plan_scans import plan_scans
from resmtnet.pipelines.ingest.sandbox.limits import Limits
from resmtnet.pipelines.ingest.sandbox.worker_pool import WorkerPool
from resmtnet.pipelines.phantom.code_as import code_as
from resmtnet.pipelines.phantom.dicom_series import write_ct_series
from resmtnet.pipelines.phantom.linear import linear_phantom
from resmtnet.pipelines.records import SeriesPlan

SHAPE = (12, 32, 40)
PLUGINS = {"JPEG-LS": (JPEGLSLossless, "pyjpegls"), "JPEG 2000": (JPEG2000Lossless, "pylibjpeg"),
           "RLE": (RLELossless, "pydicom")}  # fmt: skip
MakeSeries = Callable[..., tuple[SeriesPlan, np.ndarray]]


@pytest.fixture
def make_series(tmp_path: Path, affine: np.ndarray) -> MakeSeries:
    """A linear phantom in some coding, below and above zero: its plan, and the HU that must come out."""

    def make(coding: str = "JPEG-LS", name: str = "series") -> tuple[SeriesPlan, np.ndarray]:
        hu = linear_phantom(SHAPE, affine)

        def edit(k: int, ds: Dataset) -> None:
            ds.RescaleIntercept = 0
            ds.PixelData = hu[k].astype("<i2").tobytes()
            if coding in PLUGINS:
                uid, plugin = PLUGINS[coding]
                ds.compress(uid, encoding_plugin=plugin, generate_instance_uid=False)
            if coding == "deflated":
                ds.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian

        files = write_ct_series(tmp_path / name, hu, affine, edit=edit)
        if coding == "JPEG lossless":
            for path in files:
                code_as(path, JPEGLosslessSV1)
        (plan,) = plan_scans(tmp_path / name).plans
        return plan, hu

    return make


@pytest.fixture(scope="session")
def rewrite() -> Callable[[Path, bytes], None]:
    """Change a file so that nobody sees it was changed: size and time stay."""

    def change(path: Path, data: bytes) -> None:
        before = path.stat()
        path.write_bytes(data)
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))

    return change


@pytest.fixture
def make_pool() -> Iterator[Callable[..., WorkerPool]]:
    """Pools of two workers whatever the machine, ended with the test."""
    pools: list[WorkerPool] = []

    def make(size: int = 2, **limits: float) -> WorkerPool:
        pools.append(WorkerPool(Limits(**limits), size))
        return pools[-1]

    yield make
    for pool in pools:
        pool.close()
