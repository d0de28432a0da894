"""What is known of a 2.5D patch, as the loss takes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ....networks.fusion_packing import COLUMNS, LOCATION_SCALE_MM, SIZE_UNIT_MM, WEIGHTS
from ..nodule import F32

_PRESENCE, _LOCATION, _SIZE, _MALIGNANCY = 0, slice(1, 4), 4, slice(5, 10)


@dataclass(frozen=True, eq=False)
class SeenNodule:
    """A nodule as it stands in a patch; what is None is not known.

    location_mm : its centre minus that of the patch (k, j, i; towards head, back and left of the patch).
    diameter_mm : its longest axial diameter, as it is seen there.
    scores : share of the readers who gave malignancy 1, 2, 3, 4, 5.
    """

    location_mm: Sequence[float] | npt.NDArray[np.float64] | None = None
    diameter_mm: float | None = None
    scores: F32 | None = None


def fusion_label(nodule: SeenNodule | None) -> F32:
    """Return targets and weights ``(15,)`` of a patch, as :class:`~resmtnet.networks.losses.FusionLoss` takes them.

    None: a patch without a nodule, of which nothing else is known.
    """
    targets, known = np.zeros(len(COLUMNS), np.float32), dict.fromkeys(WEIGHTS, 0.0)
    known["presence_weight"] = 1.0
    if nodule is not None:
        targets[_PRESENCE] = 1
        if nodule.location_mm is not None:
            targets[_LOCATION] = np.asarray(nodule.location_mm) / LOCATION_SCALE_MM
            known["location_weight"] = 1.0
        if nodule.diameter_mm is not None and nodule.diameter_mm > 0:
            targets[_SIZE] = np.log(nodule.diameter_mm / SIZE_UNIT_MM)
            known["size_weight"] = 1.0
        if nodule.scores is not None:
            targets[_MALIGNANCY] = nodule.scores
            known["malignancy_weight"] = 1.0
    return np.concatenate([targets, np.array(list(known.values()), np.float32)])
