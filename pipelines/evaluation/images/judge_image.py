"""From a network's output to the outcome of one image."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from torch import Tensor

from ....networks.split_emt import split_emt
from ...images.on_image_grid import on_image_grid
from .image_cases import TrueImage
from .image_outcome import ImageOutcome

MAP_AXES = 3
"""Of a packed output; class logits alone have one axis."""

Mask = npt.NDArray[np.bool_]


def judge_image(
    output: Tensor, truth: TrueImage, *, mask_probability: float = 0.5, temperature: float = 1.0
) -> ImageOutcome:
    """Compare the output for one image, class logits ``(classes,)`` or packed ``(1 + classes, H, W)``, with the truth.

    A mask is brought to the grid of the image file as a probability, and then cut, as :class:`.DecodePicturesd` does.

    Parameters
    ----------
    mask_probability : a pixel belongs to the mask above it.
    temperature : the class logits are divided by it.
    """
    logits, predicted = output.double(), None
    if output.ndim == MAP_AXES:
        mask_logits, class_logits = split_emt(output[None])
        logits = class_logits[0].double()
        predicted = (on_image_grid(mask_logits[0, 0].sigmoid(), truth.shape) > mask_probability).cpu().numpy()
    return ImageOutcome(
        file=truth.record.file,
        group=truth.record.group,
        label=truth.record.label,
        probabilities=tuple(float(p) for p in (logits / temperature).softmax(0)),
        dice=dice_of(predicted, truth.mask),
        missed=_missed(predicted, truth.mask),
        predicted_area=None if predicted is None else float(predicted.mean()),
        true_area=None if truth.mask is None else float(truth.mask.mean()),
    )


def dice_of(predicted: Mask | None, true: Mask | None) -> float | None:
    """Return 2 |A and B| / (|A| + |B|); None where a mask is not known, or where there is no lesion."""
    if predicted is None or true is None or not true.any():
        return None
    return 2 * float((predicted & true).sum()) / float(predicted.sum() + true.sum())


def _missed(predicted: Mask | None, true: Mask | None) -> bool | None:
    if predicted is None or true is None or not true.any():
        return None
    return not bool((predicted & true).any())
