"""What an object is and where it belongs, from its bytes."""

from __future__ import annotations

import io
from dataclasses import dataclass

from ..ingest.header.parse_values import parse_text
from ..ingest.header.read_elements import FIRST_CHUNK_BYTES, Elements, read_elements
from ..ingest.header.read_meta import read_meta
from ..ingest.header.transfer_syntaxes import TRANSFER_SYNTAXES
from ..ingest.ingest_error import IngestError


@dataclass(frozen=True)
class ObjectUids:
    """SOP class, SOP instance and study of an object; ``begin`` is where its data set does."""

    sop_class: str
    sop_instance: str
    study: str
    begin: int = 0


def object_uids(data: bytes) -> ObjectUids:
    """Read the UIDs of a DICOM file, up to its pixel data and no further.

    Raises
    ------
    IngestError
        The header cannot be parsed, is of no known transfer syntax, or holds not all three.
    """
    meta = read_meta(data[:FIRST_CHUNK_BYTES])
    syntax = TRANSFER_SYNTAXES.get(meta.transfer_syntax)
    if syntax is None:
        raise IngestError("E_TRANSFER_SYNTAX")
    elements = read_elements(io.BytesIO(data), len(data), meta, syntax)
    sop_class, sop_instance, study = (_uid(elements, tag) for tag in (0x00080016, 0x00080018, 0x0020000D))
    uids = ObjectUids(sop_class, sop_instance, study, meta.dataset_offset)
    if not (uids.sop_class and uids.sop_instance and uids.study):
        raise IngestError("E_NO_UID")
    return uids


def _uid(elements: Elements, tag: int) -> str:
    values = parse_text(elements.raw(tag))
    return values[0] if values else ""
