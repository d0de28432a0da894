"""An enhanced CT file as the slices it holds (DICOM PS3.3 A.38, functional groups C.7.6.16)."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

from pydicom.dataelem import convert_raw_data_element
from pydicom.dataset import Dataset

from .ingest_error import IngestError
from .read_elements import Elements
from .slice_header import Numbers, SliceHeader

MAX_FRAMES = 20_000  # ten times the longest CT series

_SHARED, _PER_FRAME = 0x52009229, 0x52009230
_FRAME_TYPE = 0x00189329
_POSITION, _ORIENTATION, _MEASURES = 0x00209113, 0x00209116, 0x00289110
_RESCALE, _CONTENT = 0x00289145, 0x00209111


def unfold_frames(header: SliceHeader, elements: Elements) -> tuple[SliceHeader, ...]:
    """Give one header per frame, with the geometry and rescale of its functional groups.

    Raises
    ------
    IngestError
        ``E_BAD_HEADER`` where the functional groups do not match the number of frames, ``E_TOO_LARGE`` beyond the cap.
    """
    if header.pixels.frames > MAX_FRAMES:
        raise IngestError("E_TOO_LARGE", f"({header.pixels.frames} frames, at most {MAX_FRAMES})")
    try:
        shared, per_frame = _items(elements, _SHARED), _items(elements, _PER_FRAME)
        if len(per_frame) != header.pixels.frames:
            raise IngestError("E_BAD_HEADER", f"({len(per_frame)} functional groups, {header.pixels.frames} frames)")
        common = shared[0] if shared else Dataset()
        return tuple(_frame_header(header, n, group, common) for n, group in enumerate(per_frame))
    except RecursionError:
        raise IngestError("E_NESTING") from None
    except IngestError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever pydicom makes of a broken sequence is a fault of the file
        raise IngestError("E_BAD_HEADER", f"(functional groups, {type(error).__name__})") from None


def _items(elements: Elements, tag: int) -> list[Dataset]:
    element = elements.by_tag.get(tag)
    if element is None:
        return []
    value = convert_raw_data_element(element).value if hasattr(element, "is_raw") and element.is_raw else element.value
    return list(value or [])


def _frame_header(header: SliceHeader, frame: int, group: Dataset, common: Dataset) -> SliceHeader:
    def value(sequence: int, tag: int) -> Any:
        for item in (group, common):
            if sequence in item and item[sequence].value and tag in item[sequence].value[0]:
                return item[sequence].value[0][tag].value
        return None

    slope, intercept = _numbers(value(_RESCALE, 0x00281053)), _numbers(value(_RESCALE, 0x00281052))
    frame_type = value(_FRAME_TYPE, 0x00080008)
    temporal = value(_CONTENT, 0x00209128)
    return dataclasses.replace(
        header,
        position=_numbers(value(_POSITION, 0x00200032)),
        orientation=_numbers(value(_ORIENTATION, 0x00200037)),
        pixel_spacing=_numbers(value(_MEASURES, 0x00280030)),
        image_type=tuple(str(part) for part in frame_type) if frame_type else header.image_type,
        rescale_type=str(value(_RESCALE, 0x00281054) or ""),
        instance=None,
        temporal=int(temporal) if temporal is not None else None,
        acquisition=value(_CONTENT, 0x00209156),
        multi_frame=True,
        pixels=dataclasses.replace(
            header.pixels,
            frame=frame,
            slope=slope[0] if slope else None,
            intercept=intercept[0] if intercept else None,
        ),
    )


def _numbers(value: Any) -> Numbers | None:
    if value is None:
        return None
    parts = value if isinstance(value, (list, tuple)) or hasattr(value, "__iter__") else [value]
    return tuple(float(part) if math.isfinite(float(part)) else math.nan for part in parts)
