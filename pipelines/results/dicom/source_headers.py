"""The headers of the instances a volume was read from."""

from __future__ import annotations

import io
from typing import BinaryIO
from weakref import WeakKeyDictionary

from pydicom.dataset import Dataset
from pydicom.filereader import read_dataset
from pydicom.tag import BaseTag

from ...ingest.header.inflate import inflate
from ...ingest.header.read_elements import FIRST_CHUNK_BYTES
from ...ingest.header.read_meta import FileMeta, read_meta
from ...ingest.header.slice_header import PlannedSlice
from ...ingest.header.transfer_syntaxes import TRANSFER_SYNTAXES
from ...ingest.pixels.decode_fault import DecodeFault
from ...ingest.tree.open_regular import stamp_of
from ...ingest.tree.open_unchanged import open_unchanged
from ...quiet_readers import quiet_readers
from ...records import SliceSource, Volume

_GROUPS = frozenset({0x0008, 0x0010, 0x0012, 0x0018, 0x0020, 0x0028, 0x0032, 0x0038, 0x0040, 0x5200})
_FRAMES = 0x5200
_LONGEST_BYTES = 2**16  # of an element outside the functional groups; longer ones are pictures and tables
_NEEDED = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "SOPClassUID", "FrameOfReferenceUID")
_read: WeakKeyDictionary[Volume, tuple[Dataset, ...] | None] = WeakKeyDictionary()


def source_headers(volume: Volume) -> tuple[Dataset, ...] | None:
    """Read the headers, without pixels, of the instances of ``volume.plan.slices``; once for a volume.

    One for each slice, in the order of the slices; a file of many frames once. Private and very long elements are left
    out. They are shared by all who ask: copy before changing.

    Returns
    -------
    tuple of Dataset or None
        None where the volume is no DICOM series, or where its headers lack a UID without which nothing can refer to
        them (study, series, instance, class, frame of reference).

    Raises
    ------
    IngestError
        ``E_FILE_CHANGED`` or ``E_UNREADABLE``: a file is no longer the one that was read.
    """
    if volume not in _read:
        _read[volume] = _read_headers(volume)
    return _read[volume]


def _read_headers(volume: Volume) -> tuple[Dataset, ...] | None:
    if volume.plan.kind != "dicom" or not volume.plan.slices:
        return None
    quiet_readers()
    files = {source.path: source for source in volume.plan.slices}
    headers = tuple(_read_header(source) for source in files.values())
    return headers if all(header.get(name) for header in headers for name in _NEEDED) else None


def _read_header(source: SliceSource) -> Dataset:
    layout = source.pixels if isinstance(source, PlannedSlice) else None
    with open_unchanged(source.path) as stream:
        if layout is not None and stamp_of(stream).mtime_ns != layout.file_mtime_ns:
            raise DecodeFault("E_FILE_CHANGED")
        meta = read_meta(stream.read(FIRST_CHUNK_BYTES))
        stream.seek(meta.dataset_offset)
        deflated = TRANSFER_SYNTAXES[meta.transfer_syntax].deflated
        header = _parse(io.BytesIO(inflate(stream.read())) if deflated else stream, meta)
    if header.get("SOPInstanceUID", "") != source.sop_instance_uid:
        raise DecodeFault("E_FILE_CHANGED")
    if "SOPClassUID" not in header and meta.sop_class:
        header.SOPClassUID = meta.sop_class
    return header


def _parse(stream: BinaryIO, meta: FileMeta) -> Dataset:
    syntax = TRANSFER_SYNTAXES[meta.transfer_syntax]
    header = read_dataset(stream, syntax.implicit, syntax.little_endian, stop_when=_at_pixels)
    for tag in list(header.keys()):
        element = header.get_item(tag)
        length = getattr(element, "length", None) or 0
        if tag.group not in _GROUPS or (length > _LONGEST_BYTES and tag.group != _FRAMES):
            del header[tag]
    return header


def _at_pixels(tag: BaseTag, vr: str | None, length: int) -> bool:
    return bool(tag.group >= 0x7FE0)
