"""Training pictures, drawn and changed by number."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from torch.utils.data import Dataset

from .augment import augment
from .augmentation import draw_augmentation
from .augmentation_ranges import AugmentationRanges
from .draw_weights import draw_weights
from .example import Example, pack_label
from .pictures import Pictures


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

    def __len__(self) -> int:
        """How many pictures there are; numbers may go on for ever."""
        return len(self.indices)

    def __getitem__(self, number: int) -> Example:
        rng = np.random.default_rng([self.seed, number])
        place = int(np.searchsorted(self._ends, rng.random() * self._ends[-1], side="right"))
        index = self.indices[place]
        of = self.pictures
        mask = None if of.masks is None else of.masks[index].float() / 255
        grey, moved = augment(of.grey[index].float(), mask, draw_augmentation(self.ranges, rng))
        label = pack_label(of.labels[index], moved, mask_known=of.mask_known[index])
        return {"image": self.channels({"image": grey})["image"], "label": label, "number": number}
