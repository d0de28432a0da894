"""What decoding can find wrong, as rows of a fixed table: a worker names a row, and the words are made here."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ...records import Status
from ..ingest_error import IngestError

FAULTS: Mapping[str, tuple[str, str, Status]] = MappingProxyType(
    {
        "truncated": ("E_TRUNCATED", "({} bytes missing)", "rejected"),
        "cut short": ("E_TRUNCATED", "", "rejected"),
        "fragments": ("E_DECODE", "({} fragments, {} frames)", "rejected"),
        "no fragments": ("E_DECODE", "({} fragments)", "rejected"),
        "no codestream": ("E_CODESTREAM_MISMATCH", "(no image header found)", "rejected"),
        "codestream": ("E_CODESTREAM_MISMATCH", "(found {} x {} x {}, expected {} x {} x 1)", "rejected"),
        "sign": ("E_CODESTREAM_MISMATCH", "(codestream and header differ in sign)", "rejected"),
        "precision": ("E_CODESTREAM_MISMATCH", "({} bits coded, {} stored)", "rejected"),
        "decoded size": ("E_CODESTREAM_MISMATCH", "({} bytes decoded, {} expected)", "rejected"),
        "rle segments": ("E_DECODE", "({} RLE segments, expected 2)", "rejected"),
        "rle size": ("E_CODESTREAM_MISMATCH", "({} bytes unpacked, {} left over, {} expected)", "rejected"),
        "coding": ("E_DECODE", "(neither raw nor gzip)", "rejected"),
        "no deflate": ("E_BAD_HEADER", "(no deflate stream)", "rejected"),
        "inflate limit": ("E_INFLATE_LIMIT", "({} bytes in, more than {} out)", "rejected"),
        "unit": ("E_BAD_AFFINE", "(the unit is not mm)", "rejected"),
        "memory": ("E_TOO_LARGE", "(decoding needs more memory than a worker may have)", "rejected"),
        "decoder": ("E_DECODE", "", "failed"),
        "picture size": ("E_TOO_LARGE", "({} x {} pixels, at most {})", "rejected"),
        "picture bytes": ("E_TOO_LARGE", "({} bytes, at most {})", "rejected"),
        "picture mode": ("E_PICTURE_FORMAT", "", "rejected"),
        "no frame": ("E_BAD_HEADER", "(frame {} was asked for, {} found)", "rejected"),
        "E_BAD_HEADER": ("E_BAD_HEADER", "", "rejected"),
        "E_TRUNCATED": ("E_TRUNCATED", "", "rejected"),
        "E_INFLATE_LIMIT": ("E_INFLATE_LIMIT", "", "rejected"),
        "E_NO_PIXELS": ("E_NO_PIXELS", "", "rejected"),
        "E_TRANSFER_SYNTAX": ("E_TRANSFER_SYNTAX", "", "rejected"),
        "E_NO_RESCALE": ("E_NO_RESCALE", "", "rejected"),
        "E_BAD_RESCALE": ("E_BAD_RESCALE", "", "rejected"),
        "I_NOT_PICTURE": ("I_NOT_PICTURE", "", "skipped"),
        "I_NON_IMAGE": ("I_NON_IMAGE", "", "skipped"),
        "I_DICOMDIR": ("I_DICOMDIR", "", "skipped"),
        "E_UNREADABLE": ("E_UNREADABLE", "", "failed"),
        "E_FILE_CHANGED": ("E_FILE_CHANGED", "", "failed"),
    }
)
"""Code, detail and status; a row that is named like a code stands for that code without detail."""


class DecodeFault(IngestError):
    """A row of :data:`FAULTS` with its numbers: all that may be said across the border of a worker process.

    Raises
    ------
    KeyError, ValueError
        No such row, or another count of numbers than its detail has places for.
    """

    def __init__(self, name: str, *numbers: int) -> None:
        code, detail, status = FAULTS[name]
        if detail.count("{}") != len(numbers):
            raise ValueError(name)
        self.name, self.numbers = name, numbers
        super().__init__(code, detail.format(*numbers), status)
