"""A second, closer look of the same network at each candidate."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from ...transforms.candidate_in_grid import candidate_in_grid
from ...transforms.candidate_masks import OUTLINE, CandidateMask, candidate_masks
from ...transforms.candidates import Candidate, Point
from ...transforms.close_grid import close_grid
from ...transforms.close_spacing import close_spacing
from ...transforms.diameters import Diameters
from ...transforms.grid import Grid
from ...transforms.reader_diameters import reader_diameters
from ...transforms.resample import AIR_HU, resample
from ...transforms.targets import box_of
from ...transforms.window import Window, window_hu
from .unpack_heads import split_heads

Look = Callable[[Tensor], Tensor]
"""The network as the engine runs it: images ``(b, windows, d, h, w)`` to packed outputs ``(b, 83, d/4, h/4, w/4)``."""

_DIVISOR = 16
_AGAIN_MM, _AGAIN_GROWTH = 3.0, 1.4
"""An outline further from the middle, or this much longer than the candidate's box, is looked at again."""
_AT_ONCE = 8
"""Looks that go through the network together: enough to keep a processor busy, and little memory."""


@dataclass(frozen=True, eq=False)
class CloseView:
    """What a close look says: outline, its grid and axes, rating logits ``(12,)``, and how unsure the outline is.

    ``probability`` is that of a nodule, by both looks.
    ``outline_uncertainty`` is the mean of 4 p (1 - p) over the voxels that may belong to the nodule: 0 if every voxel
    is sure, 1 if none is.
    """

    grid: Grid
    probability: float
    outline: CandidateMask
    axes: Diameters
    rating: Tensor
    outline_uncertainty: float


class CloseLook:
    """Outline, rate and judge candidates on fine voxels: readers draw on 0.5 to 0.9 mm, the model grid has 1 mm.

    Each is shown in a cube of the same number of voxels, coarser ones where a finer cube would not hold the candidate
    and its surroundings (:func:`.close_spacing`).

    Parameters
    ----------
    windows_hu : of the network's input.
    spacing_mm, edge : least spacing of the cube, and voxels along its edge (divisible by 16), as in training.
    mirrors : average over this many mirror images, 1 to 8.
    outline_probability : what the mask head says on the outline of a nodule.
    presence_share : of the close look in the probability of a nodule; the wide look has the rest.
    plain_up_to_mm : longer axes are taken further out than on the outline (:func:`.reader_diameters`); None: none are.
    """

    def __init__(
        self,
        *,
        windows_hu: Sequence[Window],
        spacing_mm: float = 0.6,
        edge: int = 48,
        mirrors: int = 1,
        outline_probability: float = 0.5,
        presence_share: float = 0.0,
        plain_up_to_mm: float | None = None,
    ) -> None:
        if edge % _DIVISOR:
            raise ValueError(f"edge must be divisible by {_DIVISOR}, found {edge}")
        if not 1 <= mirrors <= len(_MIRRORS):
            raise ValueError(f"mirrors lies between 1 and {len(_MIRRORS)}, found {mirrors}")
        if not 0 <= presence_share < 1:
            raise ValueError(f"presence_share is at least 0 and below 1, found {presence_share}")
        if plain_up_to_mm is not None and not 0 < plain_up_to_mm < math.inf:
            raise ValueError(f"plain_up_to_mm is a length above 0, or null, found {plain_up_to_mm}")
        self.windows_hu = [(float(low), float(high)) for low, high in windows_hu]
        self.spacing_mm, self.edge, self.mirrors = spacing_mm, edge, mirrors
        self.outline_probability = outline_probability
        self.presence_share = float(presence_share)
        self.plain_up_to_mm = plain_up_to_mm

    def __call__(
        self, look: Look, hu: npt.NDArray[Any], source: Grid, model: Grid, candidates: Sequence[Candidate]
    ) -> tuple[CloseView, ...]:
        """Look at each candidate of the model grid in the CT values ``(k, j, i)`` (HU) of the source grid.

        Where the outline turns out to lie elsewhere, or to be larger than the candidate's box, a second look is taken
        at what was outlined: a peak of presence may stand in a corner of a large nodule.
        """
        first = self._views(look, hu, source, model, candidates)
        moved = [_outlined(v, model, c) for v, c in zip(first, candidates, strict=True)]
        again = [n for n, c in enumerate(moved) if c is not candidates[n]]
        if not again:
            return first
        second = dict(zip(again, self._views(look, hu, source, model, moved, again), strict=True))
        return tuple(second.get(n, view) for n, view in enumerate(first))

    def _views(
        self,
        look: Look,
        hu: npt.NDArray[Any],
        source: Grid,
        model: Grid,
        candidates: Sequence[Candidate],
        which: Sequence[int] | None = None,
    ) -> tuple[CloseView, ...]:
        """Look at these candidates, None for all; the others keep their own voxels."""
        numbers = list(range(len(candidates)) if which is None else which)
        views = []
        for first in range(0, len(numbers), _AT_ONCE):
            group = numbers[first : first + _AT_ONCE]
            grids = [self._grid(model, candidates[n]) for n in group]
            images = torch.stack([self._image(hu, source, grid) for grid in grids])
            answers = self._mirrored(look, images)
            views += [
                self._view(_Answer(*answer), grid, model, candidates, n)
                for n, grid, *answer in zip(group, grids, *answers, strict=True)
            ]
        return tuple(views)

    def _grid(self, model: Grid, candidate: Candidate) -> Grid:
        longest_mm = float(max(np.multiply(candidate.size_ijk, model.spacing_mm)))
        spacing_mm = close_spacing(longest_mm, least_mm=self.spacing_mm, edge=self.edge)
        return close_grid(model, candidate, spacing_mm=spacing_mm, edge=self.edge)

    def _image(self, hu: npt.NDArray[Any], source: Grid, grid: Grid) -> Tensor:
        seen = resample(hu, source, grid, fill=AIR_HU)
        return window_hu(torch.from_numpy(seen)[None], self.windows_hu)

    def _mirrored(self, look: Look, images: Tensor) -> _Answer:
        """Answers for all images, along the first axis; each the mean over the mirror images."""
        masks, ratings, presences = [], [], []
        for axes in _MIRRORS[: self.mirrors]:
            with torch.no_grad():
                packed = look(torch.flip(images, axes) if axes else images)
            heads = [split_heads(one[None], outline_probability=self.outline_probability) for one in packed]
            mask = torch.stack([h["mask"] for h in heads])
            masks.append(torch.flip(mask, [a - 1 for a in axes]) if axes else mask)
            ratings.append(torch.stack([_middle(h["rating"]).mean(dim=(1, 2, 3)) for h in heads]))
            presences.append(torch.stack([_middle(h["heat"][None]).max() for h in heads]))
        return _Answer(*(torch.stack(said).mean(dim=0) for said in (masks, ratings, presences)))

    def _view(self, answer: _Answer, grid: Grid, model: Grid, candidates: Sequence[Candidate], n: int) -> CloseView:
        edge = grid.shape_kji[0]
        here = candidate_in_grid(candidates[n], model, grid)
        others = [candidate_in_grid(c, model, grid) for m, c in enumerate(candidates) if m != n]
        beside = [c for c in others if all(0 <= v < edge for v in c.centre_ijk)]
        # boxes are not trusted here: all grow alike, until this one holds the cube
        grown = [replace(c, size_ijk=_times(c.size_ijk, edge / max(here.size_ijk))) for c in (here, *beside)]
        outline = candidate_masks(answer.mask, grown)[0]
        share = self.presence_share
        probability = (1 - share) * candidates[n].probability + share * float(answer.presence)
        axes = reader_diameters(outline, grid.spacing_mm, plain_up_to_mm=self.plain_up_to_mm)
        return CloseView(grid, probability, outline, axes, answer.rating, _uncertainty(outline))


class _Answer(NamedTuple):
    """Mask probabilities ``(d, h, w)``, rating logits ``(12,)``, probability of presence in the middle ``()``."""

    mask: Tensor
    rating: Tensor
    presence: Tensor


_MIRRORS: tuple[tuple[int, ...], ...] = ((), (4,), (3,), (2,), (3, 4), (2, 4), (2, 3), (2, 3, 4))
"""Axes of ``(b, c, d, h, w)`` that are mirrored: none, left to right, front to back, and so on."""


def _outlined(view: CloseView, model: Grid, candidate: Candidate) -> Candidate:
    """Return what was outlined as a candidate; the one that was asked for where that fits."""
    centre, edges = box_of(view.outline.probability >= OUTLINE)
    x, y, z = (float(v) for v in (centre + view.outline.start_kji)[::-1])
    a, b, c = (float(v) for v in edges[::-1])
    seen = candidate_in_grid(Candidate(candidate.probability, (0, 0, 0), (x, y, z), (a, b, c)), view.grid, model)
    shift_mm = np.linalg.norm(np.subtract(seen.centre_ijk, candidate.centre_ijk) * model.spacing_mm)
    larger = max(seen.size_ijk) > _AGAIN_GROWTH * max(candidate.size_ijk)
    return seen if shift_mm > _AGAIN_MM or larger else candidate


def _middle(maps: Tensor) -> Tensor:
    """Return the eight cells that meet in the middle of maps ``(c, d, h, w)``."""
    k, j, i = (n // 2 for n in maps.shape[1:])
    return maps[:, k - 1 : k + 1, j - 1 : j + 1, i - 1 : i + 1]


def _times(size: Point, factor: float) -> Point:
    a, b, c = size
    return a * factor, b * factor, c * factor


def _uncertainty(outline: CandidateMask) -> float:
    p = outline.probability[outline.probability > 0].astype(np.float64).clip(0, 1)
    return float((4 * p * (1 - p)).mean())
