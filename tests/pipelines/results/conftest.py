"""Hand-made cases: a dark volume with bright balls at known places, whatever way its voxels lie."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from resmtnet.pipelines.records import CaseResult, Finding, FindingMask, Origin, SeriesPlan, Volume

SPACING_MM = (0.9, 1.1, 2.0)
CANARY = "CANARY-Name^Patient"
Case = tuple[CaseResult, Volume]
MakeCase = Callable[..., Case]

_AXES = {
    "axial": np.eye(3),
    "sagittal": np.array([[0.0, 0, 1], [1, 0, 0], [0, -1, 0]]),  # columns: where i, j and k point
    "flipped": np.diag([-1.0, 1, -1]),
    "oblique": np.array([[0.8, -0.6, 0], [0.6, 0.8, 0], [0, 0, 1]]),
    "sheared": np.array([[1, 0, 0], [0, 1, 0.3], [0, 0, 1]]),
}


def make_affine(lie: str) -> np.ndarray:
    affine = np.eye(4)
    affine[:3, :3] = _AXES[lie] * SPACING_MM
    affine[:3, 3] = (11.5, -40.25, -300.75)
    return affine


def lps_of(shape_kji: Sequence[int], affine: np.ndarray) -> np.ndarray:
    k, j, i = np.indices(shape_kji)
    return np.stack([i, j, k, np.ones_like(i)], axis=-1) @ affine[:3].T


def point_at(centre: np.ndarray, left_mm: float, back_mm: float) -> tuple[float, float, float]:
    x, y, z = (float(v) for v in centre)
    return x + left_mm, y + back_mm, z


def make_finding(
    finding_id: int, centre: np.ndarray, radius_mm: float, affine: np.ndarray, places: np.ndarray
) -> Finding:
    inside = np.linalg.norm(places - centre, axis=-1) <= radius_mm
    index = np.argwhere(inside)
    low, high = index.min(0), index.max(0) + 1
    ijk = np.linalg.solve(affine, [*centre, 1])[:3]
    point, corner = tuple(map(float, centre)), tuple(map(float, centre - radius_mm))
    return Finding(
        finding_id=finding_id,
        probability=1 - 0.1 * finding_id,
        centre_lps_mm=point,
        centre_ijk=tuple(map(float, ijk)),
        box_lps_mm=(corner, tuple(map(float, centre + radius_mm))),
        box_ijk=(tuple(map(float, low[::-1] - 0.5)), tuple(map(float, high[::-1] - 0.5))),
        long_axis_mm=2 * radius_mm,
        short_axis_mm=2 * radius_mm,
        long_axis_lps_mm=(point_at(centre, -radius_mm, 0), point_at(centre, radius_mm, 0)),
        short_axis_lps_mm=(point_at(centre, 0, -radius_mm), point_at(centre, 0, radius_mm)),
        diameter_3d_mm=2 * radius_mm,
        volume_mm3=4 / 3 * np.pi * radius_mm**3,
        mean_hu=np.float32(31.5),  # numbers of numpy come out of measurements
        malignancy_probability=0.25,
        malignancy_sd=0.8,
        calibrated=False,
        outline_uncertainty=0.2,
        attributes={"spiculation": 1.5, "texture": np.float64(4.5)},
        lung_side="left" if centre[0] > places[..., 0].mean() else "right",
        key_slice_k=round(float(ijk[2])),
        mask=FindingMask(tuple(map(int, low)), inside[tuple(slice(a, b) for a, b in zip(low, high, strict=True))]),
    )


@pytest.fixture(scope="session")
def make_case() -> MakeCase:
    def make(
        lie: str = "axial", offsets_mm: Sequence[Sequence[float]] = ((10.0, -6.0, 4.0),), **change: object
    ) -> Case:
        """Balls of 6 mm radius at ``offsets_mm`` (LPS) from the middle of a volume of 70 x 60 x 40 voxels."""
        shape = (40, 60, 70)
        affine = make_affine(lie)
        places = lps_of(shape, affine)
        middle = places.reshape(-1, 3).mean(axis=0)
        hu = np.full(shape, -850, dtype=np.int16)
        findings = []
        for number, offset in enumerate(offsets_mm, start=1):
            findings.append(make_finding(number, middle + offset, 6.0, affine, places))
            hu[np.linalg.norm(places - (middle + offset), axis=-1) <= 6.0] = 30
        origin = Origin(f"{CANARY}/scan", f"1.2.{CANARY}")
        plan = SeriesPlan("case-01", "dicom", Path(CANARY), (70, 60, 40), SPACING_MM, affine, 40, 40, origin=origin)
        content: dict[str, object] = {
            "case_id": "case-01",
            "status": "ok",
            "codes": (),
            "findings": tuple(findings),
            "n_files": 40,
            "n_used": 40,
            "shape_ijk": (70, 60, 40),
            "spacing_mm": SPACING_MM,
            "affine_lps": affine,
            "input_digest": "d1",
            "plan_digest": "p1",
            "config_hash": "c1",
            "weights_hash": "w1",
            "versions": {"resmtnet": "0"},
            "timings_s": {"network": 1.5},
            "bundle": "lung_nodule_ct",
            "outputs": ("nifti", "preview", "json"),
            "origin": origin,
        }
        return CaseResult(**{**content, **change}), Volume(hu, affine, plan)

    return make


@pytest.fixture(scope="session")
def rejected() -> CaseResult:
    return CaseResult(
        "case-02",
        "rejected",
        ("E_MISSING_SLICES",),
        reason="2 of 40 slices are missing",
        n_files=38,
        origin=Origin(CANARY),
    )
