"""One compressed frame to stored values, by the decoder chosen for its transfer syntax.

The decoders are called directly: pydicom's dispatch costs more to import than the rest of a worker, and what it adds
(colour, frames, offset tables) has been dealt with before.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from ..header.slice_header import PixelLayout
from ..header.transfer_syntaxes import TRANSFER_SYNTAXES
from .codestream_header import CodestreamHeader, codestream_header
from .decode_fault import DecodeFault
from .decode_rle import decode_rle
from .heard_on_stderr import heard_on_stderr

_RLE = "resmtnet"
_END_OF_IMAGE = b"\xff\xd9"
_MADE_UP = (b"premature end", b"bad huffman code")


def decode_frame(frame: bytes, layout: PixelLayout) -> npt.NDArray[np.generic]:
    """Decode to ``(j, i)`` values of 8 or 16 bits as stored.

    Raises
    ------
    IngestError
        ``E_CODESTREAM_MISMATCH`` where the frame says otherwise of itself than the header, ``E_DECODE`` where it fails,
        ``E_TRUNCATED`` where its end is missing.
    MemoryError
    """
    rows, columns = layout.rows or 0, layout.columns or 0
    decoder = TRANSFER_SYNTAXES[layout.transfer_syntax].decoder
    if decoder == _RLE:
        return decode_rle(frame, rows, columns)
    _compare(codestream_header(frame), layout)
    try:
        data = _DECODERS[decoder](frame, layout)
    except (MemoryError, DecodeFault):
        raise
    except Exception:  # noqa: BLE001 - whatever a decoder raises is a fault of the file
        raise DecodeFault("decoder") from None
    return _as_array(data, rows, columns, layout.signed)


def _compare(found: CodestreamHeader | None, layout: PixelLayout) -> None:
    rows, columns, bits = layout.rows or 0, layout.columns or 0, layout.bits_stored or 16
    if found is None:
        raise DecodeFault("no codestream")
    if found[:3] != (rows, columns, 1):
        raise DecodeFault("codestream", *found[:3], rows, columns)
    if found.signed and not layout.signed:
        raise DecodeFault("sign")
    # where the coding knows no sign, the highest bit coded must be the one that holds it
    if found.bits > 16 or (layout.signed and not found.signed and found.bits < bits):
        raise DecodeFault("precision", found.bits, bits)


def _as_array(data: bytes | bytearray, rows: int, columns: int, signed: bool) -> npt.NDArray[np.generic]:
    """Tell words of 8 and 16 bits apart by their sum: decoders give the smallest that holds the coded precision."""
    item_bytes = 1 if len(data) == rows * columns else 2
    if len(data) != rows * columns * item_bytes:
        raise DecodeFault("decoded size", len(data), rows * columns * 2)
    return np.frombuffer(data, f"<{'i' if signed else 'u'}{item_bytes}").reshape(rows, columns)


def _library(name: str) -> Any:
    """Import late, and without the types that most of these lack."""
    return importlib.import_module(name)


def _decode_jpeg_ls(frame: bytes, layout: PixelLayout) -> bytearray:
    data: bytearray = _library("jpeg_ls").decode_pixel_data(frame)[0]
    return data


def _decode_jpeg_2000(frame: bytes, layout: PixelLayout) -> bytearray:
    data: bytearray = _library("openjpeg").decode_pixel_data(frame, version=2)
    return data


def _decode_jpeg(frame: bytes, layout: PixelLayout) -> bytes:
    """JPEG lossless by GDCM, from a grey image that holds this one fragment.

    Where data are missing its libjpeg makes voxels up and says so on stderr only, or not at all at the very end.
    """
    if _END_OF_IMAGE not in frame:  # it cannot occur in coded data (T.81 B.1.1.5)
        raise DecodeFault("cut short")
    gdcm = _library("gdcm")
    fragment, fragments = gdcm.Fragment(), gdcm.SequenceOfFragments.New()
    fragment.SetByteStringValue(frame)
    fragments.AddFragment(fragment)
    pixels = gdcm.DataElement(gdcm.Tag(0x7FE0, 0x0010))
    pixels.SetValue(fragments.__ref__())
    image = gdcm.Image()
    image.SetNumberOfDimensions(2)
    image.SetDimensions((layout.columns, layout.rows, 1))
    image.SetDataElement(pixels)
    grey = gdcm.PhotometricInterpretation(gdcm.PhotometricInterpretation.MONOCHROME2)
    image.SetPhotometricInterpretation(grey)
    syntax = gdcm.TransferSyntax.GetTSType(layout.transfer_syntax)
    image.SetTransferSyntax(gdcm.TransferSyntax(syntax))
    bits = layout.bits_stored or 16
    image.SetPixelFormat(gdcm.PixelFormat(1, 16, bits, bits - 1, int(layout.signed)))
    text, heard = heard_on_stderr(image.GetBuffer)
    if any(fault in heard.lower() for fault in _MADE_UP):
        raise DecodeFault("decoder")
    # the wrapper hands C bytes over as text
    data: bytes = text.encode("utf-8", "surrogateescape")
    return data


_DECODERS: Mapping[str, Any] = {"pyjpegls": _decode_jpeg_ls, "pylibjpeg": _decode_jpeg_2000, "gdcm": _decode_jpeg}
