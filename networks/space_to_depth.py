"""Blocks of voxels as channels, and back: how a fine map travels in a coarse tensor without losing a value."""

from __future__ import annotations

from torch import Tensor


def space_to_depth(x: Tensor, factor: int) -> Tensor:
    """``(b, c, d, h, w)`` -> ``(b, c * factor**3, d/factor, h/factor, w/factor)``.

    Channel order is (c, offset k, offset j, offset i). The spatial shape must be divisible by ``factor``.
    """
    b, c, d, h, w = x.shape
    f = factor
    x = x.reshape(b, c, d // f, f, h // f, f, w // f, f)
    return x.permute(0, 1, 3, 5, 7, 2, 4, 6).reshape(b, c * f * f * f, d // f, h // f, w // f)


def depth_to_space(x: Tensor, factor: int) -> Tensor:
    """Undo :func:`space_to_depth`: ``(b, c * factor**3, d, h, w)`` -> ``(b, c, d*factor, h*factor, w*factor)``."""
    b, c, d, h, w = x.shape
    f = factor
    x = x.reshape(b, c // (f * f * f), f, f, f, d, h, w)
    return x.permute(0, 1, 5, 2, 6, 3, 7, 4).reshape(b, c // (f * f * f), d * f, h * f, w * f)
