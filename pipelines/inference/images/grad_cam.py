"""Where in a picture the predicted class comes from."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from monai.transforms.transform import Transform
from monai.visualize import GradCAM
from torch import Tensor, nn

from ...images.on_image_grid import on_image_grid


class GradCamd(Transform):  # type: ignore[misc]  # MONAI ships no types
    """Add the Grad-CAM heat (Selvaraju et al. 2017) of the case's class to the view of its most positive picture.

    It is computed by MONAI's GradCAM on one layer, is at least 0 and divided by its maximum, and says where the
    evidence for the class lies, roughly: the layer sees the picture at 1/32 of its size.

    Parameters
    ----------
    target_layer : name of the module.
    outputs : kinds of files that are written; without ``overlay`` nothing is computed.
    """

    def __init__(self, target_layer: str = "features.18", outputs: Sequence[str] = ("overlay",)) -> None:
        self.target_layer = target_layer
        self._wanted = "overlay" in outputs  # moves no figure, so it is no part of the model's identity
        self._made: tuple[nn.Module, GradCAM] | None = None

    def __call__(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        """Return the case with the heat in one of its views."""
        if not self._wanted:
            return dict(data)
        key, views, classes = data["key"], list(data["views"]), data["classes"]
        predicted = list(classes).index(max(classes, key=classes.__getitem__))
        image: Tensor = data["image"][key : key + 1].to(data["device"])
        heat = self._heat(data["network"], image, predicted)
        rows, columns = views[key].grey.shape
        shown = on_image_grid(heat.cpu(), (rows, columns)).numpy().astype(np.float32)
        views[key] = replace(views[key], heat=np.clip(shown, 0, 1))
        return {**data, "views": tuple(views)}

    def _heat(self, network: nn.Module, image: Tensor, class_idx: int) -> Tensor:
        with torch.enable_grad():
            heat: Tensor = self._cam(network)(x=image, class_idx=class_idx)
        return heat[0, 0].detach()

    def _cam(self, network: nn.Module) -> GradCAM:
        """Make it once, of a copy: it leaves hooks in the network, which would pile up case by case."""
        if self._made is None or self._made[0] is not network:
            cam = GradCAM(deepcopy(network), self.target_layer, upsampler=_as_it_is, postprocessing=_relative)
            self._made = network, cam
        return self._made[1]


def _as_it_is(size: Sequence[int]) -> Callable[[Tensor], Tensor]:
    return lambda heat: heat


def _relative(heat: Tensor) -> Tensor:
    highest = heat.max()
    return heat / highest if highest > 0 else heat
