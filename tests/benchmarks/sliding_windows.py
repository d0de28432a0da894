"""What goes through MONAI's RetinaNet for one image."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

SPACING_MM = (0.703125, 0.703125, 1.25)
PATCH = (512, 512, 192)
"""Along i, j, k: ``Spacingd`` and ``infer_patch_size`` of the public bundle's inference.json."""
OVERLAP = 0.25
SIZE_DIVISIBLE = (16, 16, 8)


@dataclass(frozen=True)
class Windows:
    """So many windows of one shape."""

    shape: tuple[int, ...]
    count: int

    @property
    def voxels(self) -> int:
        return math.prod(self.shape) * self.count

    @property
    def text(self) -> str:
        return f"{self.count} of {'x'.join(map(str, self.shape))}"


def peer_shape(shape: Sequence[int], spacing_mm: Sequence[float]) -> tuple[int, ...]:
    """Return the shape that MONAI's ``Spacing`` gives: the centres of the corner voxels stay where they are."""
    axes = zip(shape, spacing_mm, SPACING_MM, strict=True)
    return tuple(round((n - 1) * mm / theirs) + 1 for n, mm, theirs in axes)


def sliding_windows(shape: Sequence[int], patch: Sequence[int] = PATCH, overlap: float = OVERLAP) -> Windows:
    """Return the windows that the bundle runs the network on.

    An image of fewer voxels than the patch goes through in one piece (``RetinaNetInferer`` of the bundle), padded to
    what the network divides by; others window by window, padded to the patch.
    """
    whole = one_pass(shape)
    if math.prod(shape) < math.prod(patch):
        return whole
    edges = zip(whole.shape, patch, strict=True)
    counts = (1 + max(math.ceil((n - edge) / int(edge * (1 - overlap))), 0) for n, edge in edges)
    return Windows(tuple(patch), math.prod(counts))


def one_pass(shape: Sequence[int]) -> Windows:
    """Return the image as one window, padded to what the network divides by."""
    return Windows(tuple(-(-n // divisor) * divisor for n, divisor in zip(shape, SIZE_DIVISIBLE, strict=True)), 1)
