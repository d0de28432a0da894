"""From a network's output to the outcome of one image."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from torch import Tensor

from ....networks.split_emt import split_emt
from ...images.lesion_outline import lesion_outline
from ...images.on_image_grid import on_image_grid
from .image_cases import TrueImage
from .image_outcome import ImageOutcome

MAP_AXES = 3
"""Of a packed output; class logits alone have one axis."""

Mask = npt.NDArray[np.bool_]


def judge_image(
    output: Tensor,
    truth: TrueImage,
    *,
    normal: int | None = None,
    mask_probability: float = 0.5,
    surest_share: float = 1.0,
    empty_above: float = 1.0,
    temperature: float = 1.0,
) -> ImageOutcome:
    """Compare the output for one image, class logits ``(classes,)`` or packed ``(1 + classes, H, W)``, with the truth.

    A mask is brought to the grid of the image file as a probability, and then cut, as :class:`.DecodePicturesd` does.

    Parameters
    ----------
    normal : number of the class without a lesion; None: there is none.
    mask_probability, surest_share, empty_above : of :func:`.lesion_outline`.
    temperature : the class logits are divided by it.
    """
    mask_logits, logits = (None, output) if output.ndim != MAP_AXES else _parts(output)
    shares = (logits.double() / temperature).softmax(0).tolist()
    predicted = None
    if mask_logits is not None:
        probability = on_image_grid(mask_logits.sigmoid(), truth.shape).cpu()
        none = None if normal is None else shares[normal]
        predicted = lesion_outline(
            probability, none, mask_probability=mask_probability, surest_share=surest_share, empty_above=empty_above
        )
    return ImageOutcome(
        file=truth.record.file,
        group=truth.record.group,
        label=truth.record.label,
        probabilities=tuple(shares),
        dice=dice_of(predicted, truth.mask),
        missed=_missed(predicted, truth.mask),
        predicted_area=None if predicted is None else float(predicted.mean()),
        true_area=None if truth.mask is None else float(truth.mask.mean()),
    )


def _parts(output: Tensor) -> tuple[Tensor, Tensor]:
    mask_logits, class_logits = split_emt(output[None])
    return mask_logits[0, 0], class_logits[0]


def dice_of(predicted: Mask | None, true: Mask | None) -> float | None:
    """Return 2 |A and B| / (|A| + |B|); None where a mask is not known, or where there is no lesion."""
    if predicted is None or true is None or not true.any():
        return None
    return 2 * float((predicted & true).sum()) / float(predicted.sum() + true.sum())


def _missed(predicted: Mask | None, true: Mask | None) -> bool | None:
    if predicted is None or true is None or not true.any():
        return None
    return not bool((predicted & true).any())
