"""How far training pictures are changed."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

_OF_EDGE = ("erase_size", "patch_size")


@dataclass(frozen=True)
class AugmentationRanges:
    """Ends of the ranges from which the changes of a picture are drawn, evenly; 0 everywhere: no change.

    rotation_deg : to either side.
    scale : of the natural logarithm of the magnification, to either side.
    aspect : of the logarithm by which one axis is stretched and the other shrunk.
    shift : to either side, as a share of half the edge.
    shear : to either side, columns moved per row.
    flip_share : of the pictures that are mirrored left to right.
    gamma : of the logarithm of the exponent.
    gain, offset : grey becomes ``(1 +- gain) * grey +- offset``.
    blur_share, noise_share, erase_share : of the pictures that are smoothed (mean of 3 x 3), get noise, lose a
        rectangle (it becomes black).
    noise_sd : largest standard deviation of the noise.
    erase_size : longest side of the rectangle, as a share of the edge; the shortest is 0.3 of it.
    patch_share : of the pictures in which a rectangle shows another picture of the same class, and its lesion.
    patch_size : longest side of that rectangle, likewise.
    """

    rotation_deg: float = 0.0
    scale: float = 0.0
    aspect: float = 0.0
    shift: float = 0.0
    shear: float = 0.0
    flip_share: float = 0.0
    gamma: float = 0.0
    gain: float = 0.0
    offset: float = 0.0
    blur_share: float = 0.0
    noise_share: float = 0.0
    noise_sd: float = 0.0
    erase_share: float = 0.0
    erase_size: float = 0.0
    patch_share: float = 0.0
    patch_size: float = 0.0

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            most = 1.0 if field.name.endswith("_share") or field.name in _OF_EDGE else float("inf")
            if not 0 <= value <= most:
                raise ValueError(f"augmentation: {field.name} must be from 0 to {most:g}, found {value}")
