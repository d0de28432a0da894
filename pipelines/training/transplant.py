"""Put a nodule into a lung."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from .nodule import F32, Nodule


@dataclass(frozen=True)
class Pose:
    """How a nodule is turned, scaled, mirrored and sliced before it is put in place; slices in voxels."""

    angle_rad: float
    scale: float
    flips: tuple[bool, bool, bool]
    slice_voxels: float


def posed(nodule: Nodule, pose: Pose) -> Nodule:
    """Turn about the body axis, scale and mirror a nodule, and blur it along the axis as thick slices would."""
    stack = [_turn(a, pose) for a in (nodule.hu, nodule.votes, nodule.opacity)]
    hu, votes, opacity = (a[tuple(slice(None, None, -1 if f else 1) for f in pose.flips)] for a in stack)
    room = ((int(np.ceil(pose.slice_voxels)),) * 2, (0, 0), (0, 0))
    hu, votes, opacity = np.pad(hu * opacity, room), np.pad(votes, room), np.pad(opacity, room)
    hu, opacity = _thick_slices(hu, pose.slice_voxels), _thick_slices(opacity, pose.slice_voxels)
    hu /= np.maximum(opacity, np.float32(1e-3))
    return Nodule(hu, votes, opacity, nodule.key)


def paste(hu: F32, nodule: Nodule, centre_kji: Sequence[int]) -> npt.NDArray[np.bool_]:
    """Blend a nodule into ``hu`` (changed in place), its middle at ``centre_kji``; return its mask in ``hu``."""
    start = [c - n // 2 for c, n in zip(centre_kji, nodule.hu.shape, strict=True)]
    there = tuple(slice(max(0, s), min(n, s + m)) for s, m, n in zip(start, nodule.hu.shape, hu.shape, strict=True))
    here = tuple(slice(t.start - s, t.stop - s) for t, s in zip(there, start, strict=True))
    hu[there] += nodule.opacity[here] * (nodule.hu[here] - hu[there])
    mask = np.zeros(hu.shape, dtype=bool)
    mask[there] = nodule.votes[here] >= 0.5
    return mask


def _turn(array: F32, pose: Pose) -> F32:
    c, s = np.cos(pose.angle_rad) / pose.scale, np.sin(pose.angle_rad) / pose.scale
    matrix = np.array([[1 / pose.scale, 0, 0], [0, c, -s], [0, s, c]])
    size = np.array(array.shape)
    out = np.ceil(size * pose.scale).astype(int)
    offset = (size - 1) / 2 - matrix @ ((out - 1) / 2)
    edge = {"mode": "nearest"} if array.min() < 0 else {"mode": "constant", "cval": 0.0}
    turned = ndimage.affine_transform(array, matrix, offset, tuple(out), order=1, **edge)
    return np.asarray(turned, dtype=np.float32)


def _thick_slices(array: F32, slice_voxels: float) -> F32:
    """Average over slices of this thickness, then interpolate between them, as a resampled thick-slice scan looks."""
    if slice_voxels <= 1.25:
        return array
    mean = ndimage.uniform_filter1d(array, max(2, round(slice_voxels)), axis=0, mode="constant")
    position = np.arange(array.shape[0]) / slice_voxels
    low = np.floor(position).astype(int)
    last = array.shape[0] - 1
    at = [np.minimum(np.round(n * slice_voxels).astype(int), last) for n in (low, low + 1)]
    part = (position - low).astype(np.float32)[:, None, None]
    return np.asarray((1 - part) * mean[at[0]] + part * mean[at[1]], dtype=np.float32)
