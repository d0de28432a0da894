"""The segments of a DICOM SEG on the voxels of its scan.

Why not highdicom's reader: 0.28 refuses the objects of QIN LUNG CT. Their list of referenced instances holds one twice,
and DerivationImageSequence and SegmentIdentificationSequence stand in the shared functional groups.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset

from ...transforms.grid import FloatArray, Grid
from ..ingest.ingest_error import IngestError
from ..records import Index
from .label_limits import MOST_FRAMES, most_voxels
from .readers_mask import readers_mask
from .same_voxels import same_voxels
from .tight_part import tight_part

_FRACTION = 0.5
"""From what probability or occupancy on a voxel of a FRACTIONAL segment belongs to it."""
_KINDS = ("BINARY", "FRACTIONAL", "LABELMAP")
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Segment:
    """One segment: its number and algorithm, and ``voxels`` (bool ``(k, j, i)``) at ``start_kji`` of the image."""

    number: int
    algorithm: str
    start_kji: Index
    voxels: Bools


def read_seg(seg: Dataset, image: Grid, wanted: Collection[int] | None = None) -> tuple[Segment, ...]:
    """Lay every frame on the slice it stands in (PS3.3 C.8.20.2, C.7.6.16); empty segments are left out.

    Frames may come in any order and number, and their axes may run another way than the image's; they are decoded one
    at a time.

    Parameters
    ----------
    wanted : numbers of segments; None for all.

    Raises
    ------
    IngestError
        ``E_LABEL_UNREADABLE`` where it is no segmentation that can be decoded, or one too large for the image;
        ``E_LABEL_GRID`` where a pixel of a frame that is not empty is no voxel of the image.
    """
    try:
        return tuple(_segments(seg, image, wanted))
    except IngestError:
        raise
    except (
        AttributeError, KeyError, IndexError, ValueError, TypeError, RuntimeError, NotImplementedError,
    ) as error:  # fmt: skip
        raise IngestError("E_LABEL_UNREADABLE", f"({type(error).__name__} in a SEG)") from None


def _segments(seg: Dataset, image: Grid, wanted: Collection[int] | None) -> Iterator[Segment]:
    _check_size(seg, image)
    algorithms = {int(each.SegmentNumber): str(each.get("SegmentAlgorithmName", "")) for each in seg.SegmentSequence}
    numbers = set(algorithms) if wanted is None else set(wanted)
    placed: defaultdict[int, list[tuple[int, Index, Bools]]] = defaultdict(list)
    for number, n, pixels in _planes(seg, numbers):
        block, start = same_voxels(pixels[None], _grid_of_frame(seg, n, pixels.shape, image), image)
        tight = tight_part(start, block)
        if tight is not None:
            placed[number].append((0, *tight))
    for number, parts in sorted(placed.items()):
        mask = readers_mask(parts)
        yield Segment(number, algorithms[number], mask.start_kji, mask.bits > 0)


def _check_size(seg: Dataset, image: Grid) -> None:
    frames, pixels = int(seg.NumberOfFrames), int(seg.Rows) * int(seg.Columns)
    if seg.SegmentationType not in _KINDS or not 0 < frames <= MOST_FRAMES:
        raise IngestError("E_LABEL_UNREADABLE", f"(expected a segmentation of 1 to {MOST_FRAMES} frames)")
    most = most_voxels(math.prod(sorted(image.shape_kji)[1:]))
    if not 0 < pixels <= most:
        raise IngestError("E_LABEL_UNREADABLE", f"(found frames of {pixels} pixels, expected at most {most})")


def _planes(seg: Dataset, wanted: Collection[int]) -> Iterator[tuple[int, int, Bools]]:
    """Give segment, number from 0 and pixels of every frame of these segments that is not empty."""
    from pydicom.pixels import iter_pixels  # late: brings the decoders

    labels = seg.SegmentationType == "LABELMAP"
    of_frame = [None if labels else _segment_of(seg, n) for n in range(int(seg.NumberOfFrames))]
    taken = [n for n, number in enumerate(of_frame) if number is None or number in wanted]
    least = _FRACTION * float(seg.MaximumFractionalValue) if seg.SegmentationType == "FRACTIONAL" else 1
    if not taken:
        return
    for n, frame in zip(taken, iter_pixels(seg, indices=taken), strict=True):
        own = of_frame[n]
        found = sorted(set(wanted) & {int(value) for value in np.unique(frame)}) if own is None else [own]
        for number in found:
            pixels = frame == number if own is None else frame >= least
            if pixels.any():
                yield number, n, pixels


def _segment_of(seg: Dataset, n: int) -> int:
    return int(_group(seg, n, "SegmentIdentificationSequence").ReferencedSegmentNumber)


def _grid_of_frame(seg: Dataset, n: int, shape: tuple[int, ...], image: Grid) -> Grid:
    """Return the frame as one slice; across, it is as thick as the image's voxels along its normal."""
    orientation = np.array(_group(seg, n, "PlaneOrientationSequence").ImageOrientationPatient, np.float64)
    between_rows, between_columns = _group(seg, n, "PixelMeasuresSequence").PixelSpacing
    along_i, along_j = orientation[:3], orientation[3:]
    affine = np.eye(4)
    affine[:3, 0], affine[:3, 1] = along_i * float(between_columns), along_j * float(between_rows)
    affine[:3, 2] = _nearest_column(image, np.cross(along_i, along_j))
    affine[:3, 3] = np.array(_group(seg, n, "PlanePositionSequence").ImagePositionPatient, np.float64)
    rows, columns = shape
    return Grid((1, rows, columns), affine)


def _nearest_column(image: Grid, normal: FloatArray) -> FloatArray:
    columns = image.affine_lps[:3, :3]
    cosines = np.abs(normal @ (columns / np.linalg.norm(columns, axis=0)))
    return np.asarray(columns[:, int(cosines.argmax())])


def _group(seg: Dataset, n: int, name: str) -> Dataset:
    """Return a functional group of a frame, its own or the one that all share (PS3.3 C.7.6.16)."""
    shared = seg.get("SharedFunctionalGroupsSequence") or (Dataset(),)
    own = seg.PerFrameFunctionalGroupsSequence[n].get(name) or shared[0].get(name)
    if not own:
        raise IngestError("E_LABEL_UNREADABLE", f"(a SEG without {name})")
    item: Dataset = own[0]
    return item
