"""From a file to a data set whose values are still raw."""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydicom.filereader import read_dataset

from ..ingest.header.inflate import inflate
from ..ingest.header.read_elements import FIRST_CHUNK_BYTES
from ..ingest.header.read_meta import FileMeta, read_meta
from ..ingest.header.transfer_syntaxes import TRANSFER_SYNTAXES, TransferSyntax
from ..ingest.ingest_error import IngestError
from ..ingest.tree.open_regular import byte_size, open_regular
from ..quiet_readers import quiet_readers
from .reason_to_drop import SOP_CLASSES

MAX_OBJECT_BYTES = 2 * 2**30  # the object is held in memory several times over


@dataclass(frozen=True)
class StoredObject:
    """A parsed object; ``dataset`` is a pydicom Dataset of raw elements."""

    dataset: Any
    meta: FileMeta
    syntax: TransferSyntax


def read_object(path: Path) -> StoredObject:
    """Read one file after the gate has found it to be DICOM of a kind and coding that are known.

    Raises
    ------
    IngestError
        Status skipped for what is no DICOM or not on the list; else what is wrong with the file.
    """
    with open_regular(path) as stream:
        size = byte_size(stream)
        meta = read_meta(stream.read(FIRST_CHUNK_BYTES))
        if meta.sop_class and meta.sop_class not in SOP_CLASSES:
            raise IngestError("I_NOT_LISTED", status="skipped")
        syntax = TRANSFER_SYNTAXES.get(meta.transfer_syntax)
        if syntax is None:
            raise IngestError("E_TRANSFER_SYNTAX")
        if size > MAX_OBJECT_BYTES:
            raise IngestError("E_TOO_LARGE", f"({size} bytes, at most {MAX_OBJECT_BYTES})")
        stream.seek(meta.dataset_offset)
        data = stream.read(MAX_OBJECT_BYTES + 1)
    return StoredObject(_parse(inflate(data) if syntax.deflated else data, syntax), meta, syntax)


def _parse(data: bytes, syntax: TransferSyntax) -> Any:
    quiet_readers()
    explicit = len(data) >= 6 and all(0x41 <= byte <= 0x5A for byte in data[4:6])  # some writers declare the other
    try:
        return read_dataset(io.BytesIO(data), not explicit, syntax.little_endian)
    except (OSError, EOFError, ValueError, LookupError, NotImplementedError, struct.error, TypeError) as error:
        raise IngestError("E_BAD_HEADER", f"({type(error).__name__})") from None
