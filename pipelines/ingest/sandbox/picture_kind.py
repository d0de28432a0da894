"""Whether the first bytes of a file are those of a picture."""

from __future__ import annotations

from ..header.read_meta import read_meta
from ..header.read_slice_headers import is_image_class
from ..ingest_error import IngestError
from .picture_facts import Kind

SUFFIXES = (".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".bmp", ".dib", ".tif", ".tiff")
_BMP_HEADERS = (12, 16, 40, 52, 56, 64, 108, 124)  # bytes of the header that follows, as the format knows them
_MAGICS: tuple[tuple[bytes, Kind], ...] = (
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"II*\0", "tiff"),
    (b"MM\0*", "tiff"),
)


def picture_kind(head: bytes, name: str) -> Kind:
    """Tell the kind from the content; a TIFF that is a DICOM file, too, is taken for DICOM (PS3.10 7.1).

    Raises
    ------
    IngestError
        ``E_BAD_HEADER``: named like a picture and none. ``I_NOT_PICTURE``, ``I_NON_IMAGE``, ``I_DICOMDIR`` (skipped):
        something else.
    """
    if head[128:132] != b"DICM":
        kind = next((kind for magic, kind in _MAGICS if head.startswith(magic)), None)
        if kind is not None:
            return kind
        if head[:2] == b"BM" and int.from_bytes(head[14:18], "little") in _BMP_HEADERS:
            return "bmp"
        if name.lower().endswith(SUFFIXES):
            raise IngestError("E_BAD_HEADER", "(named like a picture)")
    try:
        meta = read_meta(head)
    except IngestError as error:
        raise IngestError("I_NOT_PICTURE" if error.code == "I_NON_DICOM" else error.code, "", error.status) from None
    if meta.sop_class and not is_image_class(meta.sop_class):
        raise IngestError("I_NON_IMAGE", status="skipped")
    return "dicom"
