"""PNG, JPEG, BMP and TIFF files by Pillow, as grey values."""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, UnidentifiedImageError

from ..pixels.decode_fault import DecodeFault
from .grey_values import from_rgb, scaled
from .picture_facts import MAX_FRAMES, Kind, PictureFacts

_KINDS: dict[str, Kind] = {"PNG": "png", "JPEG": "jpeg", "MPO": "jpeg", "BMP": "bmp", "DIB": "bmp", "TIFF": "tiff"}
_FORMATS = ("PNG", "JPEG", "BMP", "DIB", "TIFF")
_FAULTS = (OSError, EOFError, ValueError, SyntaxError, LookupError, TypeError, struct.error, zlib.error)
_BITS, _PHOTOMETRIC, _WHITE_IS_ZERO = 258, 262, 0  # TIFF 6.0 section 8
_GREY = ("1", "L")
_COLOURED = ("P", "PA", "RGB", "RGBA", "RGBX", "CMYK", "YCbCr", "LA", "La", "RGBa")


def parse_raster(data: bytes, frame: int, max_pixels: int) -> tuple[npt.NDArray[np.float32], PictureFacts]:
    """Decode one picture to grey ``(rows, columns)``; see :func:`.read_picture`.

    Raises
    ------
    IngestError
        ``E_BAD_HEADER``, ``E_TOO_LARGE`` (from the header), ``E_TRUNCATED``, ``E_DECODE``, ``E_PICTURE_FORMAT``.
    """
    Image.MAX_IMAGE_PIXELS = None  # the limit is checked here, by size and not by a warning
    warnings.simplefilter("ignore")
    try:
        image = Image.open(io.BytesIO(data), formats=_FORMATS)
        n_frames = min(int(getattr(image, "n_frames", 1)), MAX_FRAMES) if image.format == "TIFF" else 1
        if frame >= n_frames:
            raise DecodeFault("no frame", frame + 1, n_frames)
        if frame:
            image.seek(frame)
    except DecodeFault:
        raise
    except (UnidentifiedImageError, *_FAULTS):
        raise DecodeFault("E_BAD_HEADER") from None
    columns, rows = image.size
    if rows * columns > max_pixels:
        raise DecodeFault("picture size", rows, columns, max_pixels)
    facts = PictureFacts(rows, columns, n_frames, _KINDS[str(image.format)])
    try:
        return _grey(image), facts
    except DecodeFault:
        raise
    except _FAULTS as error:
        raise DecodeFault("cut short" if "truncated" in str(error).lower() else "decoder") from None


def _grey(image: Any) -> npt.NDArray[np.float32]:
    image.load()
    if image.mode in _GREY and "transparency" not in image.info:
        return scaled(np.asarray(image.convert("L")), 255)
    if image.mode.startswith("I;16"):
        return _sixteen_bits(image)
    if image.mode not in (*_GREY, *_COLOURED):
        raise DecodeFault("picture mode")
    has_alpha = "A" in image.mode or "a" in image.mode or "transparency" in image.info
    if not has_alpha:
        return from_rgb(np.asarray(image.convert("RGB")), 255)
    shown = image.convert("RGBA")
    black = Image.new("RGBA", shown.size, (0, 0, 0, 255))
    return from_rgb(np.asarray(Image.alpha_composite(black, shown).convert("RGB")), 255)


def _sixteen_bits(image: Any) -> npt.NDArray[np.float32]:
    """Grey of 16 bits, or of the 12 that some TIFF files hold."""
    tags = getattr(image, "tag_v2", {})
    bits = tags.get(_BITS, (16,))
    largest = 2 ** int(bits[0] if isinstance(bits, tuple) else bits) - 1
    values = scaled(np.asarray(image).astype(np.uint16), largest)
    return 1 - values if tags.get(_PHOTOMETRIC) == _WHITE_IS_ZERO else values
