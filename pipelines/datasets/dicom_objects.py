"""The DICOM objects of one kind in a folder."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

import pydicom
from pydicom.dataset import Dataset
from pydicom.uid import DeflatedExplicitVRLittleEndian

from ..ingest.header.read_elements import FIRST_CHUNK_BYTES
from ..ingest.header.read_meta import read_meta
from ..ingest.ingest_error import IngestError
from ..ingest.tree.open_regular import byte_size, open_regular
from ..ingest.tree.walk_files import walk_files
from ..with_progress import with_progress

LARGEST_BYTES = 2 * 2**30
"""A hundred segments on five hundred slices of 512x512 come to 1.6 GB, one bit a pixel."""
_TAGS = ["SOPClassUID", "SOPInstanceUID"]


def dicom_objects(root: Path, exclude: Path, sop_classes: Collection[str], *, progress: bool) -> Iterator[Path]:
    """Give the files of these SOP classes, each instance once, in order of path."""
    seen = set()
    for path in with_progress(walk_files(root, exclude).files, "files", shown=progress):
        try:
            uid = _instance(path, sop_classes)
        except Exception:  # noqa: BLE001 - pydicom raises of every kind on what is no such object
            continue
        if uid is not None and (not uid or uid not in seen):
            seen.add(uid)
            yield path


def read_object(path: Path) -> Dataset:
    """Read a whole object; IngestError ``E_LABEL_UNREADABLE`` where that fails.

    Deflated objects are refused: nothing bounds what pydicom would inflate them to.
    """
    try:
        with open_regular(path) as stream:
            if read_meta(stream.read(FIRST_CHUNK_BYTES)).transfer_syntax == DeflatedExplicitVRLittleEndian:
                raise IngestError("E_LABEL_UNREADABLE", "(found a deflated object, expected any other transfer syntax)")
            size = byte_size(stream)
            if size > LARGEST_BYTES:
                raise IngestError("E_LABEL_UNREADABLE", f"(found {size} bytes, expected at most {LARGEST_BYTES})")
            stream.seek(0)
            return pydicom.dcmread(stream, defer_size=None)
    except IngestError:
        raise
    except Exception as error:  # noqa: BLE001 - pydicom raises of every kind on damaged files
        raise IngestError("E_LABEL_UNREADABLE", f"({type(error).__name__})") from None


def _instance(path: Path, sop_classes: Collection[str]) -> str | None:
    """Give the SOPInstanceUID ("" where there is none) of an object of these classes, None for others."""
    with open_regular(path) as stream:
        meta = read_meta(stream.read(FIRST_CHUNK_BYTES))
        if meta.sop_class and meta.sop_class not in sop_classes:
            return None
        if meta.transfer_syntax == DeflatedExplicitVRLittleEndian:
            return "" if meta.sop_class else None
        stream.seek(0)
        header = pydicom.dcmread(stream, stop_before_pixels=True, specific_tags=_TAGS)
    said = str(header.get("SOPClassUID", "")) or meta.sop_class
    return str(header.get("SOPInstanceUID", "")) if said in sop_classes else None
