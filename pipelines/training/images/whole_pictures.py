"""Pictures as they are, once each and in order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from torch.utils.data import Dataset

from .example import Example, pack_label
from .pictures import Pictures


class WholePictures(Dataset[Example]):
    """The pictures of one fold, for validation.

    Parameters
    ----------
    fold : None for all pictures.
    channels : as in training.

    Raises
    ------
    ValueError
        There is no such fold.
    """

    def __init__(
        self,
        pictures: Pictures,
        *,
        fold: int | None,
        channels: Callable[[Mapping[str, Any]], Mapping[str, Any]],
    ) -> None:
        self.pictures, self.channels = pictures, channels
        self.indices = tuple(i for i, of in enumerate(pictures.folds) if fold is None or of == fold)
        if not self.indices:
            raise ValueError(f"there is no fold {fold}: expected from 0 to {max(pictures.folds)}, or null for all")

    def __len__(self) -> int:
        return len(self.indices)

    def __getitem__(self, number: int) -> Example:
        if number >= len(self.indices):
            raise IndexError(number)  # what ends a loop over it
        index, of = self.indices[number], self.pictures
        mask = None if of.masks is None else (of.masks[index].float() / 255 >= 0.5).float()
        label = pack_label(of.labels[index], mask, mask_known=of.mask_known[index])
        return {"image": self.channels({"image": of.grey[index].float()})["image"], "label": label, "number": number}
