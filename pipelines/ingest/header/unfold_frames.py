"""An enhanced CT file as the slices it holds (DICOM PS3.3 A.38, functional groups C.7.6.16)."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from ..ingest_error import IngestError
from .element_walk import Place
from .parse_values import parse_number, parse_numbers, parse_text, parse_unsigned
from .read_elements import Elements
from .slice_header import SliceHeader

MAX_FRAMES = 20_000  # ten times the longest CT series

_SHARED, _PER_FRAME = 0x52009229, 0x52009230
_FRAME_TYPE = 0x00189329
_POSITION, _ORIENTATION, _MEASURES = 0x00209113, 0x00209116, 0x00289110
_RESCALE, _CONTENT = 0x00289145, 0x00209111

_GROUPS = frozenset({_FRAME_TYPE, _POSITION, _ORIENTATION, _MEASURES, _RESCALE, _CONTENT})
_VALUES = frozenset(
    {
        0x00089007,  # FrameType
        0x00200032,  # ImagePositionPatient
        0x00200037,  # ImageOrientationPatient
        0x00209056,  # StackID
        0x00209128,  # TemporalPositionIndex
        0x00209156,  # FrameAcquisitionNumber
        0x00280030,  # PixelSpacing
        0x00281052,  # RescaleIntercept
        0x00281053,  # RescaleSlope
        0x00281054,  # RescaleType
    }
)

Groups = Mapping[int, Mapping[int, Place]]


def unfold_frames(header: SliceHeader, elements: Elements, little_endian: bool) -> tuple[SliceHeader, ...]:
    """Give one header per frame, with the geometry and rescale of its functional groups.

    Raises
    ------
    IngestError
        ``E_BAD_HEADER`` where the functional groups do not match the number of frames, ``E_TOO_LARGE`` beyond the cap.
    """
    if header.pixels.frames > MAX_FRAMES:
        raise IngestError("E_TOO_LARGE", f"({header.pixels.frames} frames, at most {MAX_FRAMES})")
    shared = elements.items(_SHARED, _GROUPS, 1)
    per_frame = elements.items(_PER_FRAME, _GROUPS, MAX_FRAMES)
    if len(per_frame) != header.pixels.frames:
        raise IngestError("E_BAD_HEADER", f"({len(per_frame)} functional groups, {header.pixels.frames} frames)")
    common = _groups(elements, shared[0]) if shared else {}
    return tuple(
        _frame_header(header, elements, n, {**common, **_groups(elements, item)}, little_endian)
        for n, item in enumerate(per_frame)
    )


def _groups(elements: Elements, item: Mapping[int, Place]) -> Groups:
    """Give the one item of each functional group that is needed; an empty group says nothing."""
    groups: dict[int, Mapping[int, Place]] = {}
    for tag, place in item.items():
        for group in elements.items_at(place, _VALUES, 1):
            groups[tag] = group
    return groups


def _frame_header(
    header: SliceHeader, elements: Elements, frame: int, groups: Groups, little_endian: bool
) -> SliceHeader:
    def raw(group: int, tag: int) -> bytes | None:
        return elements.raw_at(groups.get(group, {}).get(tag))

    def index(tag: int) -> int | None:
        return parse_unsigned(raw(_CONTENT, tag), little_endian)

    slope, intercept = parse_number(raw(_RESCALE, 0x00281053)), parse_number(raw(_RESCALE, 0x00281052))
    return dataclasses.replace(
        header,
        position=parse_numbers(raw(_POSITION, 0x00200032)),
        orientation=parse_numbers(raw(_ORIENTATION, 0x00200037)),
        pixel_spacing=parse_numbers(raw(_MEASURES, 0x00280030)),
        image_type=parse_text(raw(_FRAME_TYPE, 0x00089007)) or header.image_type,
        rescale_type="".join(parse_text(raw(_RESCALE, 0x00281054)) or ()),
        instance=None,
        temporal=index(0x00209128),
        acquisition=index(0x00209156),
        stack="\\".join(parse_text(raw(_CONTENT, 0x00209056)) or ()),
        multi_frame=True,
        pixels=dataclasses.replace(header.pixels, frame=frame, slope=slope, intercept=intercept),
    )
