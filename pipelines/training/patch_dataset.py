"""Training patches of both looks, drawn by number."""

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
from ...transforms.targets import DenseTargets, Lesion, dense_targets
from ...transforms.window import window_hu
from .close_patches import ClosePatches
from .degrade import degrade
from .nodule import F32
from .wide_patches import WidePatches


class Patch(TypedDict):
    """One training example.

    ``image`` ``(windows, d, h, w)``, ``label`` packed targets ``(88, d/4, h/4, w/4)``, ``number`` in the data set.
    """

    image: Tensor
    label: Tensor
    number: int


class PatchDataset(Dataset[Patch]):
    """Draw patch number ``n``; the same number gives the same patch, in any order and in any worker.

    Even numbers are wide looks, for presence, box and outline; odd numbers close looks, for outline and rating (all
    wide without ``close``). Only patches of one kind collate.

    Parameters
    ----------
    wide, close : what is drawn from.
    length : numbers that may be asked for.
    seed : another seed, another set of patches.
    """

    def __init__(
        self,
        wide: WidePatches,
        close: ClosePatches | None,
        *,
        length: int,
        windows_hu: Sequence[tuple[float, float]],
        seed: int = 0,
    ) -> None:
        edges = [wide.edge] if close is None else [wide.edge, close.edge]
        if any(edge % 16 for edge in edges):
            raise ValueError(f"the edge of a patch must be divisible by 16, found {edges}")
        self.wide, self.close = wide, close
        self.length, self.seed = length, seed
        self.windows_hu = [(float(a), float(b)) for a, b in windows_hu]

    def __len__(self) -> int:
        return self.length

    def __getitem__(self, number: int) -> Patch:
        rng = np.random.default_rng([self.seed, number])
        if self.close is not None and number % 2:
            hu, lesions = self.close.draw(rng)
            image, label = self._example(degrade(hu, rng), lesions, np.zeros(hu.shape, np.float32), rng, close=True)
        else:
            hu, lesions, known = self.wide.draw(rng)
            image, label = self._example(degrade(hu, rng), lesions, known, rng, close=False)
        return {"image": image, "label": label, "number": number}

    def _example(
        self, hu: F32, lesions: Sequence[Lesion], presence: F32, rng: np.random.Generator, *, close: bool
    ) -> tuple[Tensor, Tensor]:
        """Mirror, encode and pack; ``presence`` is the weight of the presence map at each voxel."""
        order = tuple(int(a) for a in rng.permutation(3)) if not close and rng.random() < 0.25 else (0, 1, 2)
        flips = tuple(int(a) for a in range(3) if rng.random() < 0.5)
        turned = [_turned_lesion(x, order, flips, hu.shape) for x in lesions]
        edge = hu.shape[0]
        targets = dense_targets((edge, edge, edge), turned, n_attributes=len(ATTRIBUTES))
        image = window_hu(torch.from_numpy(_turned(hu, order, flips).astype(np.float32))[None], self.windows_hu)
        outlined = all(x.mask is not None for x in lesions)
        return image, _pack(targets, _turned(presence, order, flips), close=close, outlined=outlined)


def _turned(array: npt.NDArray[np.generic], order: Sequence[int], flips: Sequence[int]) -> npt.NDArray[np.generic]:
    return np.ascontiguousarray(np.flip(array.transpose(order), tuple(flips)))


def _turned_lesion(lesion: Lesion, order: Sequence[int], flips: Sequence[int], shape: Sequence[int]) -> Lesion:
    if lesion.mask is not None:
        mask = _turned(lesion.mask, order, flips)
        return Lesion(mask, lesion.scores, lesion.attributes)  # type: ignore[arg-type]  # bool stays bool, float float
    assert lesion.centre_kji is not None  # as dense_targets wants it
    at = [lesion.centre_kji[a] for a in order]
    at = [shape[a] - 1 - v if a in flips else v for a, v in enumerate(at)]
    edges = None if lesion.edges is None else [lesion.edges[a] for a in order]
    return Lesion(
        None,
        lesion.scores,
        lesion.attributes,
        (at[0], at[1], at[2]),
        None if edges is None else (edges[0], edges[1], edges[2]),
    )


def _pack(targets: DenseTargets, presence: npt.NDArray[np.generic], *, close: bool, outlined: bool) -> Tensor:
    """Lay targets and weights along the channels; each look learns what it is asked for.

    The wide look is not asked for ratings, nor the close one for presence and boxes: readers rate size most, and the
    same picture means another size at another spacing. A close look is filled by its nodule: one that nobody outlined
    teaches no outline at all.
    """
    tensors = [torch.from_numpy(a)[None] for a in (targets.heat, targets.box, targets.mask, targets.rating)]
    seen = torch.from_numpy(np.ascontiguousarray(presence[::4, ::4, ::4]).astype(np.float32))[None, None]
    box, mask, rating = (
        torch.from_numpy(a)[None] for a in (targets.box_weight, targets.mask_weight, targets.rating_weight)
    )
    if close:
        return pack_targets(Targets(HeadMaps(*tensors), seen, 0 * box, mask * outlined, rating))[0]
    return pack_targets(Targets(HeadMaps(*tensors), seen, box, mask * (seen > 0), 0 * rating))[0]
