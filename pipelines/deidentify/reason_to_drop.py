"""The kinds of objects that get through, and the signs of text in their pixels."""

from __future__ import annotations

from collections.abc import Iterator

from pydicom.dataset import Dataset

from .clean_code import code_of
from .elements import tag_of
from .stored_value import stored_bytes, stored_items, stored_text, stored_texts

_STORAGE = "1.2.840.10008.5.1.4.1.1."
_CT = frozenset(f"{_STORAGE}{tail}" for tail in ("2", "2.1", "2.2"))
_REPORTS = frozenset(f"{_STORAGE}88.{tail}" for tail in (22, 33, 34))
_SEGMENTATION, _STRUCTURES = f"{_STORAGE}66.4", f"{_STORAGE}481.3"
IMAGES = _CT | {_SEGMENTATION}
SOP_CLASSES = _CT | _REPORTS | {_SEGMENTATION, _STRUCTURES}
"""CT (single, enhanced, legacy converted), SEG, SR, RTSTRUCT."""

_SCREEN_WORDS = (
    *("SCREEN", "DOSE", "REPORT", "PROT", "SSD", "VRT", "3D", "RENDER", "CAPTURE", "SNAP", "PRINT", "RESULT", "EVAL"),
    *("GRAPH", "DISPLAY", "POSDISP", "OVERLAY"),
)
_REFORMATS = frozenset(("AXIAL", "REFORMATTED", "MPR", "AVERAGE", "RESAMPLED"))
_SCREEN_BITS = 8
_MEASUREMENT_REPORT = ("DCM", "126000")  # root of TID 1500
_OVERLAYS = range(0x60000102, 0x601F0102, 0x20000)  # OverlayBitPosition


def reason_to_drop(ds: Dataset, meta_sop_class: str) -> str:
    """Give the code under which an object is left out, empty where it gets through.

    Whatever is not known to be free of text is left out: pixels are never looked at.
    """
    sop_class = stored_text(ds, tag_of("SOPClassUID")) or meta_sop_class
    if sop_class not in SOP_CLASSES or (sop_class in _REPORTS and _root(ds) != _MEASUREMENT_REPORT):
        return "I_NOT_LISTED"
    if stored_text(ds, tag_of("BurnedInAnnotation")) not in ("", "NO") or _has_embedded_overlay(ds):
        return "I_BURNED_IN"
    return _reason_of_image(ds, sop_class) if sop_class in _CT else ""


def _reason_of_image(ds: Dataset, sop_class: str) -> str:
    image_types = tuple(_image_types(ds))
    if any("LOCALIZER" in kinds for kinds in image_types):
        return "I_LOCALIZER"
    if any(_is_screen(kinds, ds) for kinds in image_types):
        return "I_BURNED_IN"
    if not stored_text(ds, tag_of("PhotometricInterpretation")).startswith("MONOCHROME"):
        return "I_BURNED_IN"
    placed = all(stored_text(ds, tag_of(f"Image{word}Patient")) for word in ("Position", "Orientation"))
    return "" if placed or sop_class != f"{_STORAGE}2" else "I_BURNED_IN"


def _image_types(ds: Dataset) -> Iterator[tuple[str, ...]]:
    """Give the values of ImageType, and of FrameType where there are frames."""
    yield tuple(kind.upper() for kind in stored_texts(ds, tag_of("ImageType")))
    for keyword in ("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"):
        for groups in stored_items(ds, tag_of(keyword)):
            for item in stored_items(groups, tag_of("CTImageFrameTypeSequence")):
                yield tuple(kind.upper() for kind in stored_texts(item, tag_of("FrameType")))


def _is_screen(kinds: tuple[str, ...], ds: Dataset) -> bool:
    """Whether an image is one of a screen.

    Some scanners call a plain axial slice ORIGINAL SECONDARY. DERIVED SECONDARY is what screens are called, but
    reformatted slices too: those that are declared to be without text, and hold more grey levels than a screen.
    """
    if any(word in kind for kind in kinds for word in _SCREEN_WORDS):
        return True
    if not {"DERIVED", "SECONDARY"} <= set(kinds):
        return False
    bits = max(stored_bytes(ds, tag_of("BitsStored")) or b"\0")  # of two bytes in either order one is zero
    is_declared = stored_text(ds, tag_of("BurnedInAnnotation")) == "NO" and _REFORMATS & set(kinds)
    return not is_declared or bits <= _SCREEN_BITS or not stored_text(ds, tag_of("RescaleSlope"))


def _has_embedded_overlay(ds: Dataset) -> bool:
    """Whether an overlay lies in unused bits of the pixels (retired, PS3.5 2004)."""
    return any(tag in ds and any(ds.get_item(tag, keep_deferred=True).value or b"") for tag in _OVERLAYS)


def _root(ds: Dataset) -> tuple[str, str]:
    items = stored_items(ds, tag_of("ConceptNameCodeSequence"))
    return code_of(items[0]) if items else ("", "")
