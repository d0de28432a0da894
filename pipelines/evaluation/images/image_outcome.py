"""What a network said of one image whose truth is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class ImageOutcome:
    """One labelled image; None where no mask was given or predicted.

    Masks are compared on the grid of the image file, the predicted one where its probability is above the
    bundle's (0.5 unless its configs say otherwise). An image
    without a lesion has no Dice: an empty prediction there scores nothing, and one that is not empty counts as a false
    area (:func:`.lesion_figures`), so that images without a lesion cannot lift the mean.

    Parameters
    ----------
    file : relative to the data set's folder, which publishes it.
    group : patient, or what stands for one.
    label : number of the true class.
    probabilities : of every class, in the order of the classes; they add up to 1.
    dice : of predicted and true mask, where the true one is not empty; 0 where nothing was predicted.
    missed : the predicted mask shares no pixel with the lesion.
    predicted_area, true_area : share of the image's pixels within the mask; a true share of 0: no lesion.
    """

    file: str
    group: str
    label: int
    probabilities: Sequence[float]
    dice: float | None = None
    missed: bool | None = None
    predicted_area: float | None = None
    true_area: float | None = None
