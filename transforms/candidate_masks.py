"""The outline of each candidate, cut out of the mask probability."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from scipy import ndimage

from .candidates import Candidate
from .grid import FloatArray, Grid

F32 = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

# the outline of a nodule is where the probability crosses this
OUTLINE = 0.5
# a box is looked at with this margin, since the box head and the mask head need not agree
_BOX_GROWTH, _BOX_MARGIN_VOXELS = 1.25, 2.0
_NEIGHBOURS = np.ones((3, 3, 3), bool)


@dataclass(frozen=True, eq=False)
class CandidateMask:
    """One candidate's probability on a block of the model grid.

    ``probability`` float32 ``(k, j, i)`` starts at array index ``start_kji`` (which may be -1: every face of the block
    is a rim of zeros). It is 0.5 on the outline, and zero but for the candidate's connected part and the voxels next
    to it, so that linear interpolation gives the outline between the voxels. ``threshold`` is the network's probability
    on the outline: 0.5, or half of the local maximum where nothing reached 0.5 (``probability`` is then scaled up).
    """

    start_kji: tuple[int, int, int]
    probability: F32
    threshold: float = OUTLINE

    def grid(self, model: Grid) -> Grid:
        """Return the grid of the block, as a part of the model grid."""
        k, j, i = self.probability.shape
        return model.crop(self.start_kji, (k, j, i))


def candidate_masks(
    mask_probability: torch.Tensor | npt.NDArray[Any], candidates: Sequence[Candidate]
) -> tuple[CandidateMask, ...]:
    """Outline every candidate in the mask probability ``(d, h, w)`` of the model grid, in the order given.

    Within the candidate's box (25 % longer, and 2 voxels more on each side) its outline is the 26-connected part at
    0.5 or more that holds, or is nearest to, its centre; where nothing reaches 0.5, the same at half of the largest
    value there. A voxel in the boxes of several candidates belongs to the one whose centre is nearest, measured in
    sizes of its box. Always at least one voxel.
    """
    probability = torch.as_tensor(mask_probability)
    return tuple(_outline(probability, n, candidates) for n in range(len(candidates)))


def _outline(probability: torch.Tensor, n: int, candidates: Sequence[Candidate]) -> CandidateMask:
    start, stop = _region(candidates[n], probability.shape)
    region = tuple(slice(a, b) for a, b in zip(start, stop, strict=True))
    values: F32 = probability[region].float().cpu().numpy().copy()
    values[~_own_voxels(n, candidates, start, stop, probability.shape)] = 0
    centre = _centre(candidates[n]) - start
    highest = float(values.max())
    if highest <= 0:
        values[_voxel(centre, values.shape)] = highest = 1.0
    threshold = OUTLINE if highest >= OUTLINE else highest / 2
    values *= OUTLINE / threshold
    part = _part_at(values >= OUTLINE, centre)
    support = ndimage.binary_dilation(part, _NEIGHBOURS)
    return _cut(np.where(support, values, 0), support, start, threshold)


def _region(candidate: Candidate, shape: Sequence[int]) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """First and behind-last voxel (k, j, i) of the grown box, within the grid and never empty."""
    centre = _centre(candidate)
    reach = np.array(candidate.size_ijk[::-1]) / 2 * _BOX_GROWTH + _BOX_MARGIN_VOXELS
    start = np.clip(np.floor(centre - reach + 0.5), 0, np.array(shape) - 1).astype(np.intp)
    return start, np.clip(np.ceil(centre + reach + 0.5), start + 1, shape).astype(np.intp)


def _own_voxels(
    n: int,
    candidates: Sequence[Candidate],
    start: npt.NDArray[np.intp],
    stop: npt.NDArray[np.intp],
    shape: Sequence[int],
) -> Mask:
    """Voxels of a region that lie nearer to candidate ``n`` than to any other whose region they are in."""
    own = np.ones(tuple(stop - start), bool)
    distance = _distance(candidates[n], start, stop)
    for other, candidate in enumerate(candidates):
        low, high = _region(candidate, shape)
        low, high = np.maximum(low, start), np.minimum(high, stop)
        if other != n and np.all(low < high):
            common = tuple(slice(a, b) for a, b in zip(low - start, high - start, strict=True))
            theirs = _distance(candidate, low, high)
            own[common] &= distance[common] < theirs if other < n else distance[common] <= theirs
    own[_voxel(_centre(candidates[n]) - start, own.shape)] = True
    return own


def _distance(candidate: Candidate, start: npt.NDArray[np.intp], stop: npt.NDArray[np.intp]) -> FloatArray:
    """Squared distance from the centre, in sizes of the box, of the voxels of a region."""
    k, j, i = (
        ((np.arange(a, b) - centre) / size) ** 2
        for a, b, centre, size in zip(start, stop, candidate.centre_ijk[::-1], candidate.size_ijk[::-1], strict=True)
    )
    return np.asarray(k[:, None, None] + j[:, None] + i)


def _centre(candidate: Candidate) -> FloatArray:
    """Return the centre as (k, j, i)."""
    return np.array(candidate.centre_ijk[::-1], dtype=np.float64)


def _voxel(point: FloatArray, shape: Sequence[int]) -> tuple[int, ...]:
    return tuple(np.clip(np.floor(point + 0.5), 0, np.array(shape) - 1).astype(int))


def _part_at(mask: Mask, centre: FloatArray) -> Mask:
    """Return the 26-connected part of a mask that holds the centre, else the part with the voxel nearest to it."""
    labels, _ = ndimage.label(mask, _NEIGHBOURS)
    at_centre = labels[_voxel(centre, mask.shape)]
    if at_centre == 0:
        voxels = np.argwhere(mask)
        nearest = voxels[((voxels - centre) ** 2).sum(axis=1).argmin()]
        at_centre = labels[tuple(nearest)]
    return np.asarray(labels == at_centre)


def _cut(values: F32, support: Mask, start: npt.NDArray[np.intp], threshold: float) -> CandidateMask:
    """Cut out the support and put one voxel of zeros around it."""
    box = ndimage.find_objects(support.view(np.uint8))[0]
    k, j, i = (int(first + axis.start) - 1 for first, axis in zip(start, box, strict=True))
    return CandidateMask((k, j, i), np.pad(values[box], 1), threshold)
