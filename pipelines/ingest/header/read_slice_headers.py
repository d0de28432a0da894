"""One DICOM file to the plain headers of its slices."""

from __future__ import annotations

import hashlib
import math
from dataclasses import replace
from pathlib import Path

from ..ingest_error import IngestError
from ..tree.open_regular import byte_size, stamp_of
from ..tree.open_unchanged import open_unchanged
from .parse_values import parse_integer, parse_number, parse_numbers, parse_text, parse_unsigned
from .read_elements import FIRST_CHUNK_BYTES, Elements, read_elements
from .read_meta import FileMeta, read_meta
from .slice_header import PixelLayout, SliceHeader
from .transfer_syntaxes import TRANSFER_SYNTAXES
from .unfold_frames import unfold_frames

CT_IMAGE = "1.2.840.10008.5.1.4.1.1.2"
ENHANCED_CT = frozenset({f"{CT_IMAGE}.1", f"{CT_IMAGE}.2"})

# image objects of other modalities: worth a refusal, where a report or segmentation is only skipped
_STORAGE = "1.2.840.10008.5.1.4.1.1."
_OTHER_IMAGES = tuple(_STORAGE + tail for tail in ("1", "3", "4", "6", "12", "13", "20", "128", "130", "1.1", "1.2"))
_MODALITY_LUT = 0x00283000  # the other way to HU, never both and never in CT (PS3.3 C.11.1)
_NO_IMAGES = tuple(_STORAGE + tail for tail in ("4.2", "4.3"))  # spectroscopy; MR colour


def read_slice_headers(path: Path, relative_path: str) -> tuple[SliceHeader, ...]:
    """Read the header of a DICOM file: one record, or one per frame of an enhanced CT.

    Raises
    ------
    IngestError
        With status skipped for what is no DICOM or no image; else what the gate found.
    """
    with open_unchanged(path) as stream:
        size, mtime_ns = byte_size(stream), stamp_of(stream).mtime_ns
        meta = read_meta(stream.read(FIRST_CHUNK_BYTES))
        if meta.sop_class and not is_image_class(meta.sop_class):
            raise IngestError("I_NON_IMAGE", status="skipped")
        syntax = TRANSFER_SYNTAXES.get(meta.transfer_syntax)
        if syntax is None:
            raise IngestError("E_TRANSFER_SYNTAX", f"(found {_as_uid(meta.transfer_syntax)})")
        elements = read_elements(stream, size, meta, syntax)
    header = _header(path, relative_path, meta, elements)
    header = replace(header, pixels=replace(header.pixels, file_mtime_ns=mtime_ns))
    if not is_image_class(header.sop_class) or "SCREEN SAVE" in header.image_type:
        raise IngestError("I_NON_IMAGE", status="skipped")
    return unfold_frames(header, elements, syntax.little_endian) if header.sop_class in ENHANCED_CT else (header,)


def is_image_class(sop_class: str) -> bool:
    """Whether objects of the class hold pixels of a patient (a report, segmentation or plan does not)."""
    if sop_class == CT_IMAGE or sop_class in ENHANCED_CT:
        return True
    is_other = any(sop_class == other or sop_class.startswith(f"{other}.") for other in _OTHER_IMAGES)
    return is_other and sop_class not in _NO_IMAGES


def _as_uid(text: str) -> str:
    """Show a transfer syntax only where it is a UID: anything may stand in a broken file."""
    return text if len(text) <= 64 and not text.strip("0123456789.") else "no valid UID"


def _header(path: Path, relative_path: str, meta: FileMeta, elements: Elements) -> SliceHeader:
    raw = elements.raw
    patient = hashlib.sha256((raw(0x00100020) or b"").strip(b" \0") + b"|" + (raw(0x00100010) or b"").strip(b" \0"))
    return SliceHeader(
        path=path,
        relative_path=relative_path,
        sop_class=_text(elements, 0x00080016) or meta.sop_class,
        sop_uid=_text(elements, 0x00080018),
        study_uid=_text(elements, 0x0020000D),
        series_uid=_text(elements, 0x0020000E),
        frame_uid=_text(elements, 0x00200052),
        patient=patient.hexdigest(),
        modality=_text(elements, 0x00080060),
        image_type=parse_text(raw(0x00080008)) or (),
        position=parse_numbers(raw(0x00200032)),
        orientation=parse_numbers(raw(0x00200037)),
        pixel_spacing=parse_numbers(raw(0x00280030)),
        pixels=_layout(meta, elements),
        instance=parse_integer(raw(0x00200013)),
        acquisition=parse_integer(raw(0x00200012)),
        temporal=parse_integer(raw(0x00200100)),
        time=_time(elements),
        kernel=_text(elements, 0x00181210),
        concatenation=_text(elements, 0x00209161),
        body_part=_text(elements, 0x00180015),
        description=_text(elements, 0x0008103E),
        thickness_mm=_positive(elements, 0x00180050),
        said_spacing_mm=_positive(elements, 0x00180088),
        rescale_type=_text(elements, 0x00281054),
        lossy=TRANSFER_SYNTAXES[meta.transfer_syntax].lossy or _text(elements, 0x00282110) == "01",
        burned_in=_text(elements, 0x00280301) == "YES",
        quadruped=_text(elements, 0x00102210) == "QUADRUPED",
        no_preamble=not meta.preamble,
        odd_preamble=meta.odd_preamble,
    )


def _text(elements: Elements, tag: int) -> str:
    parts = parse_text(elements.raw(tag))
    return parts[0] if parts else ""


def _time(elements: Elements) -> float | None:
    """Acquisition or content time as a number that sorts, kept for telling phases apart only."""
    for tag in (0x0008002A, 0x00080032, 0x00080033):
        numbers = parse_numbers(elements.raw(tag))
        if numbers and numbers[0] == numbers[0]:
            return numbers[0]
    return None


def _layout(meta: FileMeta, elements: Elements) -> PixelLayout:
    little = TRANSFER_SYNTAXES[meta.transfer_syntax].little_endian

    def unsigned(tag: int) -> int | None:
        return parse_unsigned(elements.raw(tag), little)

    return PixelLayout(
        transfer_syntax=meta.transfer_syntax,
        offset=elements.pixel_offset,
        length=elements.pixel_length,
        file_bytes=elements.total_bytes,
        rows=unsigned(0x00280010),
        columns=unsigned(0x00280011),
        samples=unsigned(0x00280002),
        photometric=_text(elements, 0x00280004),
        bits_allocated=unsigned(0x00280100),
        bits_stored=unsigned(0x00280101),
        high_bit=unsigned(0x00280102),
        signed=unsigned(0x00280103) == 1,
        frames=_frames(elements),
        frame=0,
        slope=math.nan if _MODALITY_LUT in elements.by_tag else parse_number(elements.raw(0x00281053)),
        intercept=parse_number(elements.raw(0x00281052)),
        sign_known=unsigned(0x00280103) in (0, 1),
    )


def _frames(elements: Elements) -> int:
    """Give 1 where nothing is said, 0 for what is no count."""
    return (parse_integer(elements.raw(0x00280008)) or 0) if parse_text(elements.raw(0x00280008)) else 1


def _positive(elements: Elements, tag: int) -> float | None:
    number = parse_number(elements.raw(tag))
    return number if number is not None and number > 0 else None
