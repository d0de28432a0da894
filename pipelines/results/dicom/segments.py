"""The findings as segments on the source's own slices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ...records import CaseResult, Finding, Volume
from .grid_slices import grid_slices

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Segment:
    """A finding as segment ``number`` (from 1): ``planes`` are its pixels ``(j, i)`` by place in ``plan.slices``.

    They begin at row and column ``start_ji``; every plane has a pixel set, and there is one at least.
    """

    number: int
    finding: Finding
    start_ji: tuple[int, int]
    planes: Mapping[int, Bools]


def segments(result: CaseResult, volume: Volume, *, apart: bool = False) -> tuple[Segment, ...]:
    """Lay the masks of the findings on the slices of the source, most probable first.

    A finding with voxels on no slice that has an instance (filled gaps) gets no segment; those after it move up.

    Parameters
    ----------
    apart : a voxel belongs to one segment at most, that of the most probable finding, as in ``nodules.nii.gz``.

    Raises
    ------
    ValueError
        A mask that does not fit the grid.
    """
    shown = grid_slices(volume.plan)
    taken = np.zeros(volume.hu.shape if apart else (0, 0, 0), np.bool_)
    made: list[Segment] = []
    for finding in sorted(result.findings, key=lambda each: each.finding_id):
        _check_fit(finding, volume.hu.shape)
        start, voxels = finding.mask.start_kji, finding.mask.voxels
        if apart:
            block = taken[tuple(slice(a, a + n) for a, n in zip(start, voxels.shape, strict=True))]
            voxels = voxels & ~block
            block |= voxels
        within = {n: k - start[0] for n, k in enumerate(shown) if 0 <= k - start[0] < len(voxels)}
        planes = {n: voxels[k] for n, k in within.items() if voxels[k].any()}
        if planes:
            made.append(Segment(len(made) + 1, finding, start[1:], planes))
    return tuple(made)


def _check_fit(finding: Finding, shape_kji: tuple[int, ...]) -> None:
    start, size = np.array(finding.mask.start_kji), finding.mask.voxels.shape
    if (start < 0).any() or (start + size > shape_kji).any():
        raise ValueError(
            f"mask of finding {finding.finding_id} covers {size} from {tuple(start.tolist())}, the grid is {shape_kji}"
        )
