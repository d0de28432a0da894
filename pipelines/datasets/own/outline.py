"""Outlines of one scan, from whatever drew them, to its nodules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ....transforms.grid import Grid
from ...ingest.ingest_error import IngestError
from ...records import Index
from ..consensus_label import ANY, consensus_label
from ..data_list import NoduleLabel
from ..label_limits import MOST_NODULES
from ..nodule_mask import MOST_READERS, NoduleMask
from ..readers_mask import readers_mask
from ..tight_part import tight_part
from ..write_label_mask import write_label_mask


@dataclass(frozen=True, eq=False)
class Outline:
    """One nodule as one source drew it: ``voxels`` (bool ``(k, j, i)``) at ``start_kji`` of the image.

    ``source`` numbers the object it comes from (a file of masks, a SEG, a structure set).
    """

    source: int
    start_kji: Index
    voxels: npt.NDArray[np.bool_]


def outlined_nodules(outlines: Sequence[Outline], image: Grid, case_id: str, output: Path) -> tuple[NoduleLabel, ...]:
    """Write a mask per nodule below ``output`` and give the labels; outlines that overlap are one nodule.

    The sources that drew a nodule are its readers, in their order; its box holds what half of them agree on.

    Raises
    ------
    IngestError
        ``E_LABEL_CONFLICT`` where more than eight sources drew one nodule; ``E_LABEL_VALUE`` where there are more than
        any scan has.
    OutputNotWritable
    """
    if len(outlines) > MOST_NODULES * MOST_READERS:
        raise IngestError("E_LABEL_VALUE", f"(found {len(outlines)} outlines in one scan)")
    tights = [replace(o, start_kji=t[0], voxels=t[1]) for o in outlines if (t := tight_part(o.start_kji, o.voxels))]
    masks = [_mask(group) for group in _overlapping(tights)]
    return tuple(_label(f"n{n}", mask, image, case_id, output) for n, mask in enumerate(masks, 1))


def _overlapping(outlines: Sequence[Outline]) -> list[list[Outline]]:
    groups: list[list[Outline]] = []
    for outline in outlines:
        touched = [group for group in groups if any(_overlap(outline, other) for other in group)]
        groups = [group for group in groups if group not in touched]
        groups.append([*(each for group in touched for each in group), outline])
    return groups


def _overlap(one: Outline, two: Outline) -> bool:
    low = np.maximum(one.start_kji, two.start_kji)
    high = np.minimum(_stop(one), _stop(two))
    if (high <= low).any():
        return False
    return bool((_part(one, low, high) & _part(two, low, high)).any())


def _part(outline: Outline, low: npt.NDArray[np.int_], high: npt.NDArray[np.int_]) -> npt.NDArray[np.bool_]:
    start = np.array(outline.start_kji)
    return outline.voxels[tuple(slice(a, b) for a, b in zip(low - start, high - start, strict=True))]


def _stop(outline: Outline) -> npt.NDArray[np.int_]:
    return np.asarray(np.array(outline.start_kji) + outline.voxels.shape)


def _mask(group: Sequence[Outline]) -> NoduleMask:
    sources = sorted({outline.source for outline in group})
    if len(sources) > MOST_READERS:
        raise IngestError("E_LABEL_CONFLICT", f"({len(sources)} outlines of one nodule; at most {MOST_READERS})")
    return readers_mask([(sources.index(o.source), o.start_kji, o.voxels) for o in group])


def _label(nodule_id: str, mask: NoduleMask, image: Grid, case_id: str, output: Path) -> NoduleLabel:
    path = write_label_mask(mask, image, output, case_id, nodule_id)
    label = consensus_label(nodule_id, mask, image, mask_path=path)
    if label is None:  # no voxel that half of the readers agree on: all of it, as training takes it
        label = consensus_label(nodule_id, mask, image, agreement=ANY, mask_path=path)
    assert label is not None
    return label
