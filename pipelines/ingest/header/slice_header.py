"""What is known of one slice before its pixels are decoded, as plain values."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from ...records import SliceSource

Numbers = tuple[float, ...]


@dataclass(frozen=True)
class PixelLayout:
    """Where the pixels of one slice lie in its file and how they are coded.

    ``offset`` is that of the pixel data value (in the inflated stream for a deflated file); ``length`` is its
    declared length, -1 where undefined; ``offset`` is -1 where there are no pixel data. Absent numbers are None.
    ``sign_known`` is false where PixelRepresentation is neither 0 nor 1; ``file_mtime_ns`` is when the file was last
    changed, to see that it is still the same.
    """

    transfer_syntax: str
    offset: int
    length: int
    file_bytes: int
    rows: int | None
    columns: int | None
    samples: int | None
    photometric: str
    bits_allocated: int | None
    bits_stored: int | None
    high_bit: int | None
    signed: bool
    frames: int
    frame: int
    slope: float | None
    intercept: float | None
    sign_known: bool = True
    file_mtime_ns: int = 0


@dataclass(frozen=True)
class SliceHeader:
    """The header of one slice (one file, or one frame of an enhanced file).

    Vectors are None where the element is absent, () where it is empty, NaN where a part is no number. ``patient`` is a
    hash; the UIDs serve grouping and the private links only.
    """

    path: Path = field(repr=False)
    relative_path: str = field(repr=False)
    sop_class: str
    sop_uid: str = field(repr=False)
    study_uid: str = field(repr=False)
    series_uid: str = field(repr=False)
    frame_uid: str = field(repr=False)
    patient: str = field(repr=False)
    modality: str
    image_type: tuple[str, ...]
    position: Numbers | None
    orientation: Numbers | None
    pixel_spacing: Numbers | None
    pixels: PixelLayout
    multi_frame: bool = False
    instance: int | None = None
    acquisition: int | None = None
    temporal: int | None = None
    stack: str = field(default="", repr=False)
    concatenation: str = field(default="", repr=False)
    time: float | None = None
    kernel: str = ""
    body_part: str = field(default="", repr=False)
    description: str = field(default="", repr=False)
    thickness_mm: float | None = None
    said_spacing_mm: float | None = None
    rescale_type: str = ""
    lossy: bool = False
    burned_in: bool = False
    quadruped: bool = False
    no_preamble: bool = False
    odd_preamble: bool = False


@dataclass(frozen=True)
class PlannedSlice(SliceSource):
    """A slice of an accepted series with all that decoding needs, so that no header is parsed twice."""

    pixels: PixelLayout | None = None
