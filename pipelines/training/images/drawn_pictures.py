"""Training pictures, drawn and changed by number."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from torch import Tensor
from torch.utils.data import Dataset

from .augment import augment
from .augmentation import draw_augmentation, rectangle
from .augmentation_ranges import AugmentationRanges
from .draw_weights import draw_weights
from .example import Example, pack_label
from .pictures import Pictures
from .put_patch import put_patch


class DrawnPictures(Dataset[Example]):
    """Draw example number ``n``: the same number gives the same example, in any order and in any worker.

    Parameters
    ----------
    pictures : what is drawn from.
    fold : the one that is not drawn from; None to draw from all.
    ranges : of the changes.
    channels : from ``image`` in [0, 1] to what the network reads
        (:class:`resmtnet.transforms.grey_channels.GreyChannelsd`).
    class_balance, group_balance : of :func:`.draw_weights`.
    seed : another seed, other examples.

    Raises
    ------
    ValueError
        A class has no picture to draw.
    """

    def __init__(
        self,
        pictures: Pictures,
        *,
        fold: int | None,
        ranges: AugmentationRanges,
        channels: Callable[[Mapping[str, Any]], Mapping[str, Any]],
        class_balance: float = 0.5,
        group_balance: float = 0.5,
        seed: int = 0,
    ) -> None:
        self.pictures, self.ranges, self.channels, self.seed = pictures, ranges, channels, seed
        self.indices = tuple(i for i, of in enumerate(pictures.folds) if of != fold)
        labels, groups = ([values[i] for i in self.indices] for values in (pictures.labels, pictures.groups))
        if absent := [name for n, name in enumerate(pictures.classes) if n not in labels]:
            raise ValueError(f"no image of class {', '.join(absent)} to train on; set classes or fold to suit")
        weights = draw_weights(labels, groups, class_balance=class_balance, group_balance=group_balance)
        self._ends = np.cumsum(weights)
        self._ends_of_class = {n: np.cumsum(weights * (np.array(labels) == n)) for n in set(labels)}

    def __len__(self) -> int:
        """How many pictures there are; numbers may go on for ever."""
        return len(self.indices)

    def __getitem__(self, number: int) -> Example:
        rng = np.random.default_rng([self.seed, number])
        index = self._drawn(self._ends, rng)
        grey, mask, known = self._changed(index, rng)
        label = self.pictures.labels[index]
        if rng.random() < self.ranges.patch_share:
            where = rectangle(self.ranges.patch_size, rng.random(4))
            other, other_mask, other_known = self._changed(self._drawn(self._ends_of_class[label], rng), rng)
            grey, known = put_patch(grey, other, where), known and other_known
            mask = mask if mask is None or other_mask is None else put_patch(mask, other_mask, where)
        packed = pack_label(label, mask, mask_known=known)
        return {"image": self.channels({"image": grey})["image"], "label": packed, "number": number}

    def _drawn(self, ends: npt.NDArray[np.float64], rng: np.random.Generator) -> int:
        return self.indices[int(np.searchsorted(ends, rng.random() * ends[-1], side="right"))]

    def _changed(self, index: int, rng: np.random.Generator) -> tuple[Tensor, Tensor | None, bool]:
        of = self.pictures
        mask = None if of.masks is None else of.masks[index].float() / 255
        grey, moved = augment(of.grey[index].float(), mask, draw_augmentation(self.ranges, rng))
        return grey, moved, of.mask_known[index]
