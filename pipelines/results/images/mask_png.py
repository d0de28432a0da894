"""``mask.png``: what is outlined, on the pixels of the source."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image

from ...images.image_result import ImageResult, PictureView


def mask_png(result: ImageResult, views: Sequence[PictureView] | None) -> bytes | None:
    """Encode the mask of a single picture, 0 and 255; None where there are several, or none."""
    if not views or len(views) > 1 or views[0].mask is None:
        return None
    return _encoded(views[0].mask)


def masks_png(result: ImageResult, views: Sequence[PictureView] | None) -> Mapping[str, bytes] | None:
    """Encode the masks of several pictures by name: ``0000.png`` for the first frame; None for a single one."""
    if not views or len(views) < 2:
        return None
    return {
        f"{picture.number:04d}.png": _encoded(view.mask)
        for picture, view in zip(result.pictures, views, strict=True)
        if view.mask is not None
    }


def _encoded(mask: npt.NDArray[np.bool_]) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(np.where(mask, 255, 0).astype(np.uint8)).save(stream, format="PNG", compress_level=6)
    return stream.getvalue()
