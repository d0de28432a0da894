"""Which pixels of a picture are said to be lesion."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from torch import Tensor


def lesion_outline(
    probability: Tensor,
    normal: float | None,
    *,
    mask_probability: float = 0.5,
    surest_share: float = 1.0,
    empty_above: float = 1.0,
) -> npt.NDArray[np.bool_]:
    """Return the mask of a map of probabilities ``(rows, columns)``.

    The two tasks answer together: where the class says that there is a lesion, the place where it is most probable is
    outlined, though no pixel may reach ``mask_probability``; where it says surely that there is none, none is outlined.

    Parameters
    ----------
    normal : probability of the class without a lesion; None where the network knows no such class.
    mask_probability : what a pixel of the mask must exceed.
    surest_share : where a lesion is more probable than none, pixels above this share of the highest probability belong
        to the mask, too; 1: they do not.
    empty_above : where ``normal`` exceeds it the mask is empty; 1: nowhere.
    """
    if normal is not None and normal > empty_above:
        return np.zeros(tuple(probability.shape), dtype=np.bool_)
    threshold = mask_probability
    if normal is None or normal < 0.5:
        threshold = min(threshold, surest_share * float(probability.max()))
    return np.asarray((probability > threshold).numpy(), dtype=np.bool_)
