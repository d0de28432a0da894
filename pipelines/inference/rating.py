"""What the network says of one candidate, in the words of the readers' form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from ...networks.packing import ATTRIBUTES, SCORES
from ..calibration import Calibration

_LEVELS = {"calcification": 6.0}
"""LIDC readers rate calcification 1 to 6, everything else 1 to 5."""
_INDETERMINATE = 3


@dataclass(frozen=True)
class Rating:
    """Malignancy (probability, and the standard deviation of the reader score 1 to 5) and attribute ratings."""

    malignancy_probability: float
    malignancy_sd: float
    attributes: Mapping[str, float]

    def told(self, calibration: Calibration | None, diameter_mm: float) -> float:
        """Return the probability that is told of a nodule of this diameter; as it is without calibration."""
        if calibration is None:
            return self.malignancy_probability
        return calibration.apply(self.malignancy_probability, diameter_mm)


def read_rating(rating_logits: Tensor) -> Rating:
    """Read what the rating head says of one candidate, ``(12,)``.

    ``malignancy_probability`` is P(score 4) + P(score 5) + P(score 3) / 2: a reader's 3 ("indeterminate") counts as an
    even chance.
    """
    logits = rating_logits.double()
    p = torch.softmax(logits[:SCORES], dim=0)
    score = torch.arange(1, SCORES + 1, dtype=p.dtype, device=p.device)
    mean = float((p * score).sum())
    variance = float((p * (score - mean) ** 2).sum())
    malignant = float(p[_INDETERMINATE:].sum() + p[_INDETERMINATE - 1] / 2)
    shares = torch.sigmoid(logits[SCORES:]).tolist()
    attributes = {name: _level(name, share) for name, share in zip(ATTRIBUTES, shares, strict=True)}
    return Rating(malignant, variance**0.5, attributes)


def _level(name: str, share: float) -> float:
    return 1.0 + (_LEVELS.get(name, 5.0) - 1.0) * share
