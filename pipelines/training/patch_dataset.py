"""Patches with nodules whose truth is known, drawn on the fly."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.utils.data import Dataset

from ...networks.losses.targets import Targets, pack_targets
from ...networks.packing import ATTRIBUTES, HeadMaps
from ...transforms.targets import DenseTargets, Lesion, box_of, dense_targets
from ...transforms.window import window_hu
from .background import Background
from .degrade import degrade
from .made_nodule import made_nodule
from .nodule import F32, Nodule
from .slab import Slab, embed
from .transplant import Pose, paste, posed

_PASTED = (0.30, 0.42, 0.20, 0.08)
"""Share of patches with 0, 1, 2, 3 nodules put in."""
_MADE_SHARE = 0.22
_DECOY_SHARE = 0.35
"""Share of patches that also get a pasted piece of ordinary lung: pasting itself must not give a nodule away."""
_TUMOUR_SHARE = 0.08
_LARGE_SHARE = 0.15
"""Share of read nodules that are enlarged up to 3 times: the read ones end at 32 mm, tumours do not."""
_RATED_SCALE = 0.15
"""Nodules scaled by more than this keep no rating: size is what readers rate most."""
_SLAB_SHARE = 0.25
"""Share of patches that show a nodule among its own surroundings, which end with its own slices."""
_SLAB_WEIGHT = 0.5
"""Weight of presence there: vessels end where the slab ends, and something is always found in it."""
_EDGE_VOXELS = 6
_PLACES = 50_000
"""Places kept per chest to draw patches from: plenty, and quick to draw."""


class Patch(TypedDict):
    """One training example: ``image`` ``(windows, d, h, w)``, ``label`` packed targets ``(88, d/4, h/4, w/4)``."""

    image: Tensor
    label: Tensor


class PatchDataset(Dataset[Patch]):
    """Draw patch number ``index``; the same number gives the same patch, in any order and in any worker.

    Parameters
    ----------
    nodules : read nodules.
    decoys : pieces of ordinary lung and chest wall, to be pasted as nodules are.
    slabs : nodules among their own surroundings.
    backgrounds : chests to put them into.
    length : patches of one pass.
    patch_mm : edge of the cubic patch, divisible by 16.
    """

    def __init__(
        self,
        nodules: Sequence[Nodule],
        decoys: Sequence[Nodule],
        slabs: Sequence[Slab],
        backgrounds: Sequence[Background],
        *,
        length: int,
        windows_hu: Sequence[tuple[float, float]],
        patch_mm: int = 64,
        seed: int = 0,
        background_weights: Sequence[float] | None = None,
    ) -> None:
        if patch_mm % 16:
            raise ValueError(f"patch_mm must be divisible by 16, found {patch_mm}")
        self.nodules, self.decoys, self.slabs, self.backgrounds = nodules, decoys, slabs, backgrounds
        self.length, self.patch_mm, self.seed = length, patch_mm, seed
        self.windows_hu = [(float(a), float(b)) for a, b in windows_hu]
        weights = np.ones(len(backgrounds)) if background_weights is None else np.asarray(background_weights, float)
        self.background_weights = weights / weights.sum()
        rng = np.random.default_rng(seed)
        self._lung_places = [_places(b.lung, rng) for b in backgrounds]
        self._tumour_places = [None if b.tumour is None else _places(b.tumour, rng) for b in backgrounds]

    def __len__(self) -> int:
        return self.length

    def __getitem__(self, index: int) -> Patch:
        rng = np.random.default_rng([self.seed, index])
        if self.slabs and rng.random() < _SLAB_SHARE:
            hu, lesion = self._slab_patch(rng)
            return self._example(degrade(hu, rng), [lesion], np.full(hu.shape, _SLAB_WEIGHT, np.float32), rng)
        hu, lesions, known = self._pasted_patch(rng)
        return self._example(degrade(hu, rng), lesions, known.astype(np.float32), rng)

    def _slab_patch(self, rng: np.random.Generator) -> tuple[F32, Lesion]:
        slab, edge = self.slabs[int(rng.integers(len(self.slabs)))], self.patch_mm
        middle = box_of(slab.votes >= 0.5)[0]
        k, j, i = (int(v) for v in np.rint(edge / 2 - middle + rng.integers(-16, 17, 3)))
        hu, mask = embed(slab, edge, (k, j, i))
        return hu, Lesion(mask, slab.scores, slab.attributes)

    def _pasted_patch(self, rng: np.random.Generator) -> tuple[F32, list[Lesion], npt.NDArray[np.bool_]]:
        which = int(rng.choice(len(self.backgrounds), p=self.background_weights))
        background, start = self.backgrounds[which], self._start(which, rng)
        crop = tuple(slice(s, s + self.patch_mm) for s in start)
        hu = background.hu[crop].astype(np.float32)
        lung = _away_from_border(background.lung[crop])
        lesions = [Lesion(background.tumour[crop])] if background.tumour is not None else []
        for piece in self._decoys(rng):
            _put(hu, posed(piece, _pose(rng, background.slice_mm, 1.0)), lung, lesions, rng)
        for nodule in self._nodules(rng):
            lesions = lesions + _put_nodule(hu, nodule, lung, lesions, background.slice_mm, rng)
        return hu, lesions, np.ones(hu.shape, bool) if background.unknown is None else ~background.unknown[crop]

    def _start(self, which: int, rng: np.random.Generator) -> list[int]:
        shape, edge = self.backgrounds[which].hu.shape, self.patch_mm
        lung, tumour = self._lung_places[which], self._tumour_places[which]
        if tumour is not None and rng.random() < _TUMOUR_SHARE:
            centre = tumour[rng.integers(len(tumour))] + rng.integers(-8, 9, 3)
        else:
            centre = lung[rng.integers(len(lung))] + rng.integers(-20, 21, 3)
        return [int(np.clip(c - edge // 2, 0, n - edge)) for c, n in zip(centre, shape, strict=True)]

    def _decoys(self, rng: np.random.Generator) -> list[Nodule]:
        if not self.decoys or rng.random() >= _DECOY_SHARE:
            return []
        return [self.decoys[int(rng.integers(len(self.decoys)))] for _ in range(rng.integers(1, 3))]

    def _nodules(self, rng: np.random.Generator) -> list[Nodule]:
        return [
            made_nodule(rng) if rng.random() < _MADE_SHARE else self.nodules[int(rng.integers(len(self.nodules)))]
            for _ in range(rng.choice(len(_PASTED), p=_PASTED))
        ]

    def _example(self, hu: F32, lesions: Sequence[Lesion], known: F32, rng: np.random.Generator) -> Patch:
        order = tuple(rng.permutation(3)) if rng.random() < 0.25 else (0, 1, 2)
        flips = tuple(int(a) for a in range(3) if rng.random() < 0.5)

        def turn(array: npt.NDArray[np.generic]) -> npt.NDArray[np.generic]:
            return np.ascontiguousarray(np.flip(array.transpose(order), flips))

        turned = [Lesion(turn(x.mask).astype(bool), x.scores, x.attributes) for x in lesions]
        shape = (self.patch_mm, self.patch_mm, self.patch_mm)
        targets = dense_targets(shape, turned, n_attributes=len(ATTRIBUTES))
        image = torch.from_numpy(turn(hu).astype(np.float32))[None]
        return {"image": window_hu(image, self.windows_hu), "label": _pack(targets, turn(known).astype(np.float32))}


def _pack(targets: DenseTargets, heat_weight: F32) -> Tensor:
    tensors = [torch.from_numpy(a)[None] for a in (targets.heat, targets.box, targets.mask, targets.rating)]
    seen = torch.from_numpy(np.ascontiguousarray(heat_weight[::4, ::4, ::4]))[None, None]
    weights = [torch.from_numpy(a)[None] for a in (targets.box_weight, targets.rating_weight)]
    return pack_targets(Targets(HeadMaps(*tensors), seen, weights[0], (seen > 0).float(), weights[1]))[0]


def _places(mask: npt.NDArray[np.bool_], rng: np.random.Generator) -> npt.NDArray[np.int64]:
    places = np.argwhere(mask)
    return places[rng.permutation(len(places))[:_PLACES]]


def _away_from_border(lung: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """Lung voxels ``(n, 3)`` of the patch where a nodule's centre may be put."""
    inner = (slice(_EDGE_VOXELS, -_EDGE_VOXELS),) * 3
    return np.argwhere(lung[inner]) + _EDGE_VOXELS


def _pose(rng: np.random.Generator, slice_mm: float, scale: float) -> Pose:
    flips = (bool(rng.random() < 0.5), bool(rng.random() < 0.5), bool(rng.random() < 0.5))
    return Pose(float(rng.uniform(0, 2 * np.pi)), scale, flips, slice_mm)


def _put_nodule(
    hu: F32,
    nodule: Nodule,
    lung: npt.NDArray[np.int64],
    lesions: Sequence[Lesion],
    slice_mm: float,
    rng: np.random.Generator,
) -> list[Lesion]:
    scale = float(np.exp(rng.normal(0, 0.1)))
    if nodule.scores is not None and rng.random() < _LARGE_SHARE:
        longest = max(np.ptp(np.argwhere(nodule.votes >= 0.5), axis=0).max(initial=4), 4)
        scale = min(float(rng.uniform(1.3, 3.0)), 45.0 / longest)
    mask = _put(hu, posed(nodule, _pose(rng, slice_mm, scale)), lung, lesions, rng)
    if mask is None:
        return []
    rated = abs(scale - 1) <= _RATED_SCALE
    return [Lesion(mask, nodule.scores if rated else None, nodule.attributes if rated else None)]


def _put(
    hu: F32,
    piece: Nodule,
    lung: npt.NDArray[np.int64],
    lesions: Sequence[Lesion],
    rng: np.random.Generator,
) -> npt.NDArray[np.bool_] | None:
    """Paste at a free place in lung (changes ``hu``); None where three draws found none."""
    if len(lung) == 0:
        return None
    reach = max(piece.hu.shape) // 2 + 2
    for _ in range(3):
        centre = lung[rng.integers(len(lung))]
        around = tuple(slice(max(0, c - reach), c + reach + 1) for c in centre)
        if not any(lesion.mask[around].any() for lesion in lesions):
            return paste(hu, piece, [int(c) for c in centre])
    return None
