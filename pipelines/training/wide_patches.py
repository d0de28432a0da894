"""Patches of the wide look: a piece of a chest at 1 mm, with nodules put into it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ...transforms.targets import Lesion
from .background import Background
from .made_nodule import made_nodule
from .nodule import F32, Nodule
from .slab import Slab, embed, known_in
from .transplant import Pose, paste, posed

F64 = npt.NDArray[np.float64]

_PASTED = (0.30, 0.42, 0.20, 0.08)
"""Share of patches with 0, 1, 2, 3 nodules put in."""
_MADE_SHARE = 0.22
_DECOY_SHARE = 0.35
"""Share of patches that also get a pasted piece of ordinary lung: pasting itself must not give a nodule away."""
_TUMOUR_SHARE = 0.08
_LARGE_SHARE = 0.15
"""Share of read nodules that are enlarged up to 3 times: the read ones end at 32 mm, tumours do not."""
_SLAB_SHARE = 0.25
"""Share of patches that show a nodule among its own surroundings, which end with its own slices."""
_SLAB_WEIGHT = 0.5
"""Weight of presence there: vessels end where the slab ends, and something is always found in it."""
_EDGE_VOXELS = 6
_PLACES = 50_000
"""Places kept per chest to draw patches from: plenty, and quick to draw."""


class WidePatches:
    """Draw a cube of 1 mm voxels: HU, the nodules in it, and the weight of presence at each voxel.

    Parameters
    ----------
    nodules, nodule_weights : outlined nodules to put in, and how often each is drawn; none: nothing is put in.
    decoys : pieces of ordinary lung and chest wall, to be pasted as nodules are.
    slabs, slab_weights : nodules among their own surroundings, and how often each is drawn.
    backgrounds, background_weights : chests to put them into, and how often each is drawn.
    edge : of the cube, voxels (mm).
    """

    def __init__(
        self,
        nodules: Sequence[Nodule],
        nodule_weights: F64,
        decoys: Sequence[Nodule],
        slabs: Sequence[Slab],
        slab_weights: F64,
        backgrounds: Sequence[Background],
        background_weights: F64,
        *,
        edge: int,
        seed: int,
    ) -> None:
        self.nodules, self.decoys, self.slabs, self.backgrounds = nodules, decoys, slabs, backgrounds
        self.nodule_weights, self.slab_weights, self.background_weights = (
            nodule_weights,
            slab_weights,
            background_weights,
        )
        self.edge = edge
        rng = np.random.default_rng(seed)
        self._lung_places = [_places(b.lung, rng) for b in backgrounds]
        self._tumour_places = [None if b.tumour is None else _places(b.tumour, rng) for b in backgrounds]

    def draw(self, rng: np.random.Generator) -> tuple[F32, list[Lesion], F32]:
        """Draw one cube ``(k, j, i)``."""
        if self.slabs and rng.random() < _SLAB_SHARE:
            return self._slab(rng)
        hu, lesions, known = self._pasted(rng)
        return hu, lesions, known.astype(np.float32)

    def _slab(self, rng: np.random.Generator) -> tuple[F32, list[Lesion], F32]:
        slab = self.slabs[int(rng.choice(len(self.slabs), p=self.slab_weights))]
        corner = np.rint(self.edge / 2 - slab.centre_kji + rng.integers(-16, 17, 3))
        start = (int(corner[0]), int(corner[1]), int(corner[2]))
        hu, lesion = embed(slab, self.edge, start)
        return hu, [lesion], known_in(slab, self.edge, start) * np.float32(_SLAB_WEIGHT)

    def _pasted(self, rng: np.random.Generator) -> tuple[F32, list[Lesion], npt.NDArray[np.bool_]]:
        which = int(rng.choice(len(self.backgrounds), p=self.background_weights))
        background, start = self.backgrounds[which], self._start(which, rng)
        crop = tuple(slice(s, s + self.edge) for s in start)
        hu = background.hu[crop].astype(np.float32)
        lung = _away_from_border(background.lung[crop])
        lesions = [Lesion(background.tumour[crop])] if background.tumour is not None else []
        for piece in self._decoys(rng):
            _put(hu, posed(piece, _pose(rng, background.slice_mm, 1.0)), lung, lesions, rng)
        for nodule in self._nodules(rng):
            lesions = lesions + _put_nodule(hu, nodule, lung, lesions, background.slice_mm, rng)
        return hu, lesions, np.ones(hu.shape, bool) if background.unknown is None else ~background.unknown[crop]

    def _start(self, which: int, rng: np.random.Generator) -> list[int]:
        shape, edge = self.backgrounds[which].hu.shape, self.edge
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
        if not self.nodules:
            return []
        return [
            made_nodule(rng) if rng.random() < _MADE_SHARE else self._nodule(rng)
            for _ in range(rng.choice(len(_PASTED), p=_PASTED))
        ]

    def _nodule(self, rng: np.random.Generator) -> Nodule:
        return self.nodules[int(rng.choice(len(self.nodules), p=self.nodule_weights))]


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
    if nodule.key and rng.random() < _LARGE_SHARE:  # made ones have no key, and are as large as wanted
        longest = max(np.ptp(np.argwhere(nodule.votes >= 0.5), axis=0).max(initial=4), 4)
        scale = min(float(rng.uniform(1.3, 3.0)), 45.0 / longest)
    mask = _put(hu, posed(nodule, _pose(rng, slice_mm, scale)), lung, lesions, rng)
    return [] if mask is None else [Lesion(mask)]


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
        if not any(lesion.mask is not None and lesion.mask[around].any() for lesion in lesions):
            return paste(hu, piece, [int(c) for c in centre])
    return None
