"""The gate before any data set is parsed: is it DICOM, and in which transfer syntax."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..ingest_error import IngestError
from .parse_values import parse_text

_LONG_VRS = frozenset(b"OB OD OF OL OV OW SQ SV UC UN UR UT UV".split())
_SHORT_VRS = frozenset(b"AE AS AT CS DA DS DT FD FL IS LO LT PN SH SL SS ST TM UI UL US".split())
_SNIFF_ELEMENTS = 3  # so many well-formed elements of group 0008 prove a stream without preamble
_MAX_SNIFF_LENGTH = 1024  # the first elements of group 0008 are short

# PE, ELF, Mach-O, zip, gzip, scripts, PDF: what makes a file run or open as something else (CVE-2019-11687);
# TIFF is not one of them, as PS3.10 7.1 names it and whole-slide images use it
_OTHER_MAGIC = (b"MZ", b"\x7fELF", b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe", b"PK", b"\x1f\x8b", b"#!", b"%PDF")

IMPLICIT_LITTLE, EXPLICIT_LITTLE = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1"


@dataclass(frozen=True)
class FileMeta:
    """What the file meta information says; ``dataset_offset`` is where the data set begins.

    ``odd_preamble`` where the 128 bytes before it begin like an executable or an archive.
    """

    transfer_syntax: str
    sop_class: str
    dataset_offset: int
    preamble: bool
    odd_preamble: bool = False


def read_meta(head: bytes) -> FileMeta:
    """Read group 0002 from the first bytes of a file (DICOM PS3.10 section 7.1).

    Raises
    ------
    IngestError
        ``I_NON_DICOM`` (skipped) for anything else than DICOM, ``I_DICOMDIR`` for a directory file.
    """
    if head[128:132] == b"DICM":
        meta = replace(_parse_group_2(head, 132, True), odd_preamble=head.startswith(_OTHER_MAGIC))
    elif head[:2] == b"\x02\x00":
        meta = _parse_group_2(head, 0, False)
    else:
        meta = FileMeta(_sniff(head), "", 0, False)
    if not meta.transfer_syntax:
        raise IngestError("I_NON_DICOM", status="skipped")
    if meta.sop_class == "1.2.840.10008.1.3.10":
        raise IngestError("I_DICOMDIR", status="skipped")
    return meta


def _parse_group_2(head: bytes, offset: int, preamble: bool) -> FileMeta:
    """Walk the explicit little endian elements of group 0002."""
    found: dict[int, bytes] = {}
    while head[offset : offset + 2] == b"\x02\x00":
        vr = head[offset + 4 : offset + 6]
        wide = vr in _LONG_VRS
        start = offset + (12 if wide else 8)
        length = int.from_bytes(head[start - 4 if wide else start - 2 : start], "little")
        if not wide and vr not in _SHORT_VRS:
            break
        found[int.from_bytes(head[offset + 2 : offset + 4], "little")] = head[start : start + length]
        offset = start + length
    syntax, sop_class = (_first(found.get(element)) for element in (0x0010, 0x0002))
    return FileMeta(syntax or _sniff(head[offset:]), sop_class, offset, preamble)


def _first(raw: bytes | None) -> str:
    parts = parse_text(raw)
    return parts[0] if parts else ""


def _sniff(head: bytes) -> str:
    """Transfer syntax of a stream without meta information, empty where it is no DICOM."""
    offset, last = 0, -1
    explicit = head[4:6] in _SHORT_VRS
    for _ in range(_SNIFF_ELEMENTS):
        element = int.from_bytes(head[offset + 2 : offset + 4], "little")
        raw_length = head[offset + 6 : offset + 8] if explicit else head[offset + 4 : offset + 8]
        length = int.from_bytes(raw_length, "little")
        known_vr = not explicit or head[offset + 4 : offset + 6] in _SHORT_VRS
        if head[offset : offset + 2] != b"\x08\x00" or element <= last or not known_vr:
            return ""
        if length > _MAX_SNIFF_LENGTH or length % 2 or len(head) < offset + 8 + length:
            return ""
        offset, last = offset + 8 + length, element
    return EXPLICIT_LITTLE if explicit else IMPLICIT_LITTLE
