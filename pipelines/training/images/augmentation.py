"""One change of a training picture: drawn here, carried out by :func:`.augment`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .augmentation_ranges import AugmentationRanges

_LEAST_SIDE = 0.3
"""Of the longest: a thinner rectangle hides and shows nothing."""


@dataclass(frozen=True, eq=False)
class Augmentation:
    """What is done to one picture.

    matrix : ``(2, 3)`` float32, from places (x, y) of the new picture to those of the old; both go from -1 to 1.
    gamma, gain, offset : grey becomes ``gain * grey ** gamma + offset``.
    smooth : whether the mean of 3 x 3 pixels is taken.
    noise_sd, noise_seed : Gaussian noise; 0 for none.
    erased : top, left, bottom and right of a rectangle that becomes black, as shares of the edge; None for none.
    """

    matrix: npt.NDArray[np.float32]
    gamma: float
    gain: float
    offset: float
    smooth: bool
    noise_sd: float
    noise_seed: int
    erased: tuple[float, float, float, float] | None


def draw_augmentation(ranges: AugmentationRanges, rng: np.random.Generator) -> Augmentation:
    """Draw a change; always the same number of draws, so that one range does not move the draws of the others."""
    u = rng.uniform(-1, 1, 9)
    v = rng.random(9)
    return Augmentation(
        matrix=_matrix(ranges, u[:6], flipped=v[0] < ranges.flip_share),
        gamma=float(np.exp(ranges.gamma * u[6])),
        gain=1 + ranges.gain * u[7],
        offset=ranges.offset * u[8],
        smooth=bool(v[1] < ranges.blur_share),
        noise_sd=ranges.noise_sd * v[8] if v[2] < ranges.noise_share else 0.0,
        noise_seed=int(rng.integers(2**31)),
        erased=rectangle(ranges.erase_size, v[4:8]) if v[3] < ranges.erase_share else None,
    )


def rectangle(size: float, v: npt.NDArray[np.float64]) -> tuple[float, float, float, float]:
    """Return top, left, bottom and right of a rectangle, as shares of the edge, for four draws from 0 to 1.

    Its sides are evenly drawn from 0.3 of ``size`` to ``size``, and so are its places.
    """
    h, w = (size * (_LEAST_SIDE + (1 - _LEAST_SIDE) * side) for side in v[:2])
    top, left = v[2] * (1 - h), v[3] * (1 - w)
    return top, left, top + h, left + w


def _matrix(ranges: AugmentationRanges, u: npt.NDArray[np.float64], *, flipped: bool) -> npt.NDArray[np.float32]:
    angle, scale, aspect = np.deg2rad(ranges.rotation_deg * u[0]), ranges.scale * u[1], ranges.aspect * u[2]
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    slant = np.array([[1.0, ranges.shear * u[5]], [0.0, 1.0]])
    stretch = np.diag([(-1 if flipped else 1) * np.exp(-scale - aspect), np.exp(-scale + aspect)])
    return np.column_stack([turn @ slant @ stretch, ranges.shift * u[3:5]]).astype(np.float32)
