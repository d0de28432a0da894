"""The readings of one CT to its nodules and excluded places."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ....transforms.grid import Grid
from ..consensus_label import consensus_label
from ..data_list import Excluded, NoduleLabel, ReaderRating
from ..nodule_mask import NoduleMask
from ..readers_mask import readers_mask
from .cluster_outlines import cluster_outlines
from .lidc_rule import LidcRule
from .place_outline import PlacedOutline, place_outline
from .reading import Mark, Reading
from .slice_index import SliceIndex

MARK_DIAMETER_MM = 10.0
"""A mark says where and not how large; the evaluation of LUNA16 takes 10 mm for such places."""
_MALIGNANCY = "malignancy"
WriteMask = Callable[[NoduleMask, str], str]


@dataclass(frozen=True, eq=False)
class ScanAnnotation:
    """What becomes of the readings of one CT."""

    nodules: tuple[NoduleLabel, ...]
    excluded: tuple[Excluded, ...]
    checks: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class _Nodule:
    """A physical nodule, before it is judged."""

    nodule_id: str
    outlines: tuple[PlacedOutline, ...]
    mask: NoduleMask


def annotate_scan(
    reading: Reading, slices: SliceIndex, image: Grid, rule: LidcRule, write_mask: WriteMask
) -> ScanAnnotation:
    """Bring what the readers outlined and marked onto the CT.

    ``checks`` holds ``E_LABEL_CONTOUR n1`` where contours of nodule n1 do not lie in the image,
    ``E_LABEL_CONFLICT n1`` where no voxel of it is agreed on (both become excluded places), and ``W_CONTOUR_GAP n1``
    where a reader left out slices between others.
    """
    placed = [each for outline in reading.outlines if (each := place_outline(outline, slices)) is not None]
    kept: list[NoduleLabel] = []
    boxes: list[NoduleMask] = []
    excluded: list[Excluded] = []
    checks: list[str] = []
    for nodule in _nodules(placed):
        label, fault = _judge(nodule, reading, image, rule)
        checks += [f"{code} {nodule.nodule_id}" for code in fault]
        if label is None:
            excluded.append(_whole(nodule, image))
            continue
        path = write_mask(nodule.mask, nodule.nodule_id)
        kept.append(replace(label, mask=path))
        boxes.append(nodule.mask)
    marks = _marked(reading.marks, slices, image, boxes)
    return ScanAnnotation(tuple(kept), (*excluded, *marks), tuple(checks))


def _nodules(placed: Sequence[PlacedOutline]) -> Iterator[_Nodule]:
    for n, group in enumerate(cluster_outlines(placed), 1):
        outlines = tuple(sorted((placed[m] for m in group), key=lambda outline: outline.reader))
        yield _Nodule(f"n{n}", outlines, readers_mask([(o.reader, o.start_kji, o.inside) for o in outlines]))


def _judge(
    nodule: _Nodule, reading: Reading, image: Grid, rule: LidcRule
) -> tuple[NoduleLabel | None, tuple[str, ...]]:
    """Give the label, or None where the nodule does not count, and what is odd."""
    if any(outline.n_lost for outline in nodule.outlines):
        return None, ("E_LABEL_CONTOUR",)
    if len(nodule.outlines) < rule.min_share * reading.n_readers:
        return None, ()
    label = consensus_label(
        nodule.nodule_id,
        nodule.mask,
        image,
        agreement=rule.agreement,
        voters=reading.n_readers if rule.voters == "scan" else None,
        ratings=[_rating(outline) for outline in nodule.outlines if outline.ratings],
    )
    if label is None:
        return None, ("E_LABEL_CONFLICT",)
    return label, ("W_CONTOUR_GAP",) if any(outline.gaps for outline in nodule.outlines) else ()


def _rating(outline: PlacedOutline) -> ReaderRating:
    others = {name: score for name, score in outline.ratings.items() if name != _MALIGNANCY}
    return ReaderRating(str(outline.reader), outline.ratings.get(_MALIGNANCY), others)


def _whole(nodule: _Nodule, image: Grid) -> Excluded:
    """Give the place of everything that anybody outlined, contours included."""
    size = np.array(nodule.mask.bits.shape[::-1])
    centre = image.to_lps([np.array(nodule.mask.start_kji[::-1]) + (size - 1) / 2])[0]
    x, y, z = (float(value) for value in centre)
    return Excluded((x, y, z), float(max(size * image.spacing_mm)))


def _marked(marks: Sequence[Mark], slices: SliceIndex, image: Grid, boxes: Sequence[NoduleMask]) -> Iterator[Excluded]:
    for mark in marks:
        k = slices.find(mark.sop_uid, mark.z_mm)
        if k is None or any(_within((k, *mark.pixel_ij[::-1]), box) for box in boxes):
            continue
        x, y, z = (float(value) for value in image.to_lps([(*mark.pixel_ij, k)])[0])
        yield Excluded((x, y, z), MARK_DIAMETER_MM)


def _within(kji: tuple[int, int, int], box: NoduleMask) -> bool:
    return all(0 <= a - start < n for a, start, n in zip(kji, box.start_kji, box.bits.shape, strict=True))
