"""Questions to the header of a volume file."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..series.verdict import Verdict
from .volume_header import VolumeHeader

MAX_VOXELS = 2**30  # 2 GiB as int16: 4096 slices of 512x512, twice the longest CT
MIN_SPACING_MM, MAX_SPACING_MM = 0.01, 50.0  # outside, the unit cannot be mm


def judge_volume_header(header: VolumeHeader, min_slices: int) -> Verdict | None:
    """Give the first refusal, or None."""
    answers = (question(header, min_slices) for question in VOLUME_QUESTIONS)
    return next((answer for answer in answers if answer is not None), None)


def squeezed(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Drop trailing axes of length 1: a series of one volume is a volume."""
    while len(shape) > 3 and shape[-1] == 1:
        shape = shape[:-1]
    return shape


def _is_grey(header: VolumeHeader, min_slices: int) -> Verdict | None:
    if header.components == 1 and header.dtype.kind in "iuf":
        return None
    kind = {"c": "complex", "V": "colour"}.get(header.dtype.kind, str(header.dtype))
    return Verdict("E_PIXEL_FORMAT", f"({header.components} values per voxel, {kind})")


def _is_3d(header: VolumeHeader, min_slices: int) -> Verdict | None:
    shape = squeezed(header.shape)
    if len(shape) == 3 and min(shape) > 1:
        return None
    return Verdict("E_NOT_3D", f"(shape {' x '.join(map(str, header.shape))})")


def _is_deep(header: VolumeHeader, min_slices: int) -> Verdict | None:
    fewest = min(squeezed(header.shape))
    return Verdict("E_TOO_FEW_SLICES", f"({fewest} found, {min_slices} needed)") if fewest < min_slices else None


def _is_bounded(header: VolumeHeader, min_slices: int) -> Verdict | None:
    voxels = 1
    for size in header.shape:
        voxels *= size
    return Verdict("E_TOO_LARGE", f"({voxels} voxels, at most {MAX_VOXELS})") if voxels > MAX_VOXELS else None


def _is_placed(header: VolumeHeader, min_slices: int) -> Verdict | None:
    return Verdict("E_NO_GEOMETRY") if header.affine_lps is None else None


def _is_regular(header: VolumeHeader, min_slices: int) -> Verdict | None:
    affine = header.affine_lps
    if affine is None or not np.isfinite(affine).all():
        return Verdict("E_BAD_AFFINE", "(not finite)")
    spacing = np.linalg.norm(affine[:3, :3], axis=0)
    if spacing.min() < MIN_SPACING_MM or spacing.max() > MAX_SPACING_MM:
        return Verdict("E_BAD_AFFINE", f"(spacing {', '.join(f'{s:.3g}' for s in spacing)} mm)")
    # volume of the unit cell against a box of the same edges: 1 at right angles, 0 where flat
    share = abs(float(np.linalg.det(affine[:3, :3] / spacing)))
    return Verdict("E_BAD_AFFINE", "(singular)") if share < 0.1 else None


def _is_whole(header: VolumeHeader, min_slices: int) -> Verdict | None:
    return Verdict("E_TRUNCATED", f"({header.missing_bytes} bytes missing)") if header.missing_bytes > 0 else None


VOLUME_QUESTIONS: tuple[Callable[[VolumeHeader, int], Verdict | None], ...] = (
    _is_grey,
    _is_3d,
    _is_bounded,
    _is_deep,
    _is_placed,
    _is_regular,
    _is_whole,
)
