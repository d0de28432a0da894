"""From the network's output to what is said of each picture."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import torch
from monai.transforms.transform import MapTransform
from torch import Tensor

from ....networks.split_emt import split_emt
from ...images.image_result import PictureResult, PictureView
from ...images.lesion_outline import lesion_outline
from ...images.on_image_grid import on_image_grid
from ...images.picture import Picture
from ...images.summarise import summarise
from .read_images import ReadImages


class DecodePicturesd(MapTransform):  # type: ignore[misc]  # MONAI ships no types
    """Read logits ``(b, classes)``, or packed ones ``(b, 1 + classes, h, w)`` (:func:`.split_emt`), of a case.

    Leaves ``pictures`` (:class:`.PictureResult`), ``views`` (:class:`.PictureView`), ``classes`` (those of the case),
    ``summary`` (how they were made of the pictures') and ``key`` (the place of the most positive picture).

    Parameters
    ----------
    classes : their names, in the order of the logits.
    positive : the one that pictures are ranked by.
    top : a case is the mean of so many most positive pictures; see :func:`.summarise`.
    normal : the class without a lesion; of no effect where ``classes`` has none so called.
    mask_probability, surest_share, empty_above : of :func:`.lesion_outline`, on the grid of the source; used for packed
        logits.
    temperature : the class logits are divided by it.
    """

    def __init__(
        self,
        keys: Hashable,
        classes: Sequence[str],
        positive: str,
        *,
        top: int = 5,
        normal: str = "normal",
        mask_probability: float = 0.5,
        surest_share: float = 1.0,
        empty_above: float = 1.0,
        temperature: float = 1.0,
    ) -> None:
        super().__init__(keys)
        if positive not in classes or len(set(classes)) < 2:
            raise ValueError(f"positive must be one of at least two classes; found {positive!r} and {list(classes)}")
        self.classes = tuple(classes)
        self.positive = positive
        self.top = int(top)
        self.normal = self.classes.index(normal) if normal in self.classes else None
        self.mask_probability = float(mask_probability)
        self.surest_share = float(surest_share)
        self.empty_above = float(empty_above)
        self.temperature = float(temperature)

    def __call__(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        """Return the case with what was read of it."""
        said: Tensor = data[self.keys[0]]
        masks, logits = (None, said) if said.ndim == 2 else split_emt(said)
        if logits.shape[1] != len(self.classes):
            raise ValueError(f"the network says {logits.shape[1]} classes, the config {len(self.classes)}")
        shares = torch.softmax(logits.double() / self.temperature, dim=1).tolist()
        read: ReadImages = data["read"]
        views = tuple(
            PictureView(picture.grey, None if masks is None else self._mask(masks[n, 0], picture, shares[n]))
            for n, picture in enumerate(read.pictures)
        )
        pictures = tuple(
            _result(read, n, dict(zip(self.classes, shares[n], strict=True)), view) for n, view in enumerate(views)
        )
        classes, key = summarise([picture.classes for picture in pictures], self.positive, self.top)
        n_used = min(self.top, len(pictures))
        how = "" if len(pictures) == 1 else f"mean of the {n_used} pictures with the highest {self.positive}"
        return {**data, "pictures": pictures, "views": views, "classes": classes, "summary": how, "key": key}

    def _mask(self, logits: Tensor, picture: Picture, shares: Sequence[float]) -> Any:
        rows, columns = picture.grey.shape
        return lesion_outline(
            on_image_grid(torch.sigmoid(logits), (rows, columns)),
            None if self.normal is None else shares[self.normal],
            mask_probability=self.mask_probability,
            surest_share=self.surest_share,
            empty_above=self.empty_above,
        )


def _result(read: ReadImages, n: int, classes: Mapping[str, float], view: PictureView) -> PictureResult:
    picture = read.pictures[n]
    rows, columns = picture.grey.shape
    count = None if view.mask is None else int(view.mask.sum())
    known = count is not None and picture.spacing_mm is not None
    return PictureResult(
        number=read.numbers[n],
        rows=rows,
        columns=columns,
        classes=classes,
        spacing_mm=picture.spacing_mm,
        z_mm=read.heights_mm[n] if read.heights_mm else None,
        mask_share=None if count is None else count / picture.grey.size,
        mask_mm2=count * math.prod(picture.spacing_mm) if known and count is not None and picture.spacing_mm else None,
    )
