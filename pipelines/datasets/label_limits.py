"""How much a file of annotations may ask for, before anything is allocated for it."""

from __future__ import annotations

from ..ingest.volume_file.judge_volume_header import MAX_VOXELS

MOST_FRAMES = 50_000
"""Of a SEG: a hundred structures on five hundred slices."""
MOST_NODULES = 1000
"""Of one scan: metastases come to some hundreds; noise in a mask, or a map of organs, to thousands."""
_SHARE = 8
"""An annotation may be drawn on the whole scan of which the image is a part, but on no more than so many times it."""


def most_voxels(image_voxels: int) -> int:
    """Return how many voxels an annotation of an image of so many may have."""
    return max(image_voxels, min(_SHARE * image_voxels, MAX_VOXELS))
