"""A map of the network's square on the grid of the image it was made from."""

from __future__ import annotations

from torch import Tensor, nn


def on_image_grid(values: Tensor, shape: tuple[int, int]) -> Tensor:
    """Resize ``(h, w)``, such as a mask's probability, to ``shape`` (rows, columns); float32.

    Bilinear, with what a new pixel covers averaged where it shrinks: the way back of the square's own resizing.
    """
    grid = nn.functional.interpolate(values[None, None].float(), shape, mode="bilinear", antialias=True)
    return grid[0, 0]
