"""The mean of what a network says of an image and of its mirror image."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor

_MAP_AXES = 4
"""A packed map (b, channels, H, W); fewer axes are figures of the whole image."""


def mirrored(network: Callable[[Tensor], Tensor], images: Tensor, *, mirrors: int = 2) -> Tensor:
    """Return the mean output for images ``(b, c, H, W)`` and their left-right mirror images.

    Of logits ``(b, classes)``, or of packed logits ``(b, channels, H, W)``, which are mirrored back.

    Parameters
    ----------
    mirrors : 2; or 1 for the images as they are.

    Raises
    ------
    ValueError
        ``mirrors`` is neither.
    """
    if mirrors not in (1, 2):
        raise ValueError(f"mirrors: found {mirrors}, expected 1 (none) or 2 (left and right)")
    said = network(images)
    if mirrors == 1:
        return said
    other = network(images.flip(-1))
    return (said + (other.flip(-1) if other.ndim == _MAP_AXES else other)) / 2
