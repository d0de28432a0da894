from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from resmtnet.pipelines.ingest.ingest_error import IngestError
from resmtnet.pipelines.ingest.plan_scans import plan_scans
from resmtnet.pipelines.ingest.read_volume import read_volume
from resmtnet.pipelines.phantom.linear import HU_AT_ORIGIN, HU_PER_MM
from resmtnet.pipelines.records import Rejection, Volume


@dataclass(frozen=True)
class Outcome:
    volumes: list[Volume]
    refused: list[tuple[str, str]]  # (code, reason), of the plan or of the reading
    skipped: dict[str, int]


@pytest.fixture(scope="session")
def affine() -> np.ndarray:
    # 0.7 mm along i, 0.8 mm along j, 2.5 mm along k; values of the linear phantom from -770 HU upwards
    matrix = np.diag([0.7, 0.8, 2.5, 1.0])
    matrix[:3, 3] = -60.0, -50.0, -100.0
    return matrix


@pytest.fixture(scope="session")
def ingest() -> Callable[[Path], Outcome]:
    def run(root: Path) -> Outcome:
        scans = plan_scans(root)
        refused: list[tuple[str, str]] = []
        volumes: list[Volume] = []
        for plan in scans.plans:
            try:
                volumes.append(read_volume(plan))
            except IngestError as error:
                refused.append((error.code, error.reason))
        refused += [(r.code, r.reason) for r in scans.rejections if isinstance(r, Rejection)]
        return Outcome(volumes, refused, dict(scans.skipped))

    return run


@pytest.fixture(scope="session")
def assert_linear() -> Callable[..., None]:
    """Every voxel must have the value of the place that the volume's own affine gives it."""

    def check(volume: Volume, tolerance_hu: float = 0.51) -> None:
        k, j, i = np.indices(volume.hu.shape)
        points = np.stack([i, j, k, np.ones_like(i)], axis=-1) @ volume.affine_lps.T
        expected = points[..., :3] @ np.asarray(HU_PER_MM) + HU_AT_ORIGIN
        # rounding of the phantom is half an HU
        assert np.abs(volume.hu - expected).max() <= tolerance_hu

    return check
