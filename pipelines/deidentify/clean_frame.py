"""One compressed frame, with nothing in it but the image."""

from __future__ import annotations

from ..ingest.header.transfer_syntaxes import TransferSyntax
from ..ingest.ingest_error import IngestError
from .clean_jpeg import clean_jpeg
from .clean_jpeg_2000 import clean_jpeg_2000
from .clean_rle import clean_rle

_RLE = "resmtnet"  # the decoder of RLE is our own
_JPEG, _JPEG_2000 = b"\xff\xd8", b"\xff\x4f"


def clean_frame(frame: bytes, syntax: TransferSyntax, plane_bytes: int) -> bytes:
    """Take comments, application data and all that follows the image out of a frame; the coded image stays.

    Parameters
    ----------
    frame
        All fragments of the frame as one.
    plane_bytes
        Rows times columns: the size of each plane of bytes under RLE.

    Raises
    ------
    IngestError
        ``E_DECODE`` where the frame is not what its transfer syntax says: text could be anywhere in it.
    """
    if syntax.decoder == _RLE:
        return clean_rle(frame, plane_bytes)
    if frame.startswith(_JPEG):
        return clean_jpeg(frame)
    if frame.startswith(_JPEG_2000):
        return clean_jpeg_2000(frame)
    raise IngestError("E_DECODE", "(no image where one is due)")
