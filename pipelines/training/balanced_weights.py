"""How often each nodule is drawn, so that the many small benign ones do not crowd out the rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from .lidc_nodules import LidcRecord

_SIZES_MM = (5.0, 8.0, 12.0)
_BENIGN_BELOW, _MALIGNANT_ABOVE = 2.5, 3.5
_EVENNESS = 0.5
"""0: all nodules alike; 1: all groups alike, where a few nodules would be seen too often."""


def balanced_weights(records: Sequence[LidcRecord], *, evenness: float = _EVENNESS) -> npt.NDArray[np.float64]:
    """Weights ``(n,)`` that sum to 1: each nodule by the size of its group to the power of ``-evenness``.

    Groups are made of the diameter (below 5, 8, 12 mm, and above) and of the readers' mean malignancy (below 2.5, in
    between, above 3.5, not rated).
    """
    groups = [_group(r) for r in records]
    counts = Counter(groups)
    weights = np.array([counts[g] ** -evenness for g in groups], dtype=np.float64)
    return weights / weights.sum() if len(weights) else weights


def _group(record: LidcRecord) -> tuple[int, int]:
    edges = record.place[1]
    size_mm = 0.0 if edges is None else float((edges * np.array(record.spacing_mm[::-1])).max())
    size = sum(size_mm >= limit for limit in _SIZES_MM)
    if record.scores is None:
        return size, 0
    mean = float(record.scores @ np.arange(1, len(record.scores) + 1))
    return size, 1 if mean < _BENIGN_BELOW else 3 if mean > _MALIGNANT_ABOVE else 2
