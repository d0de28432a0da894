"""Calls by thresholds that were chosen on other groups."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ..statistic.specificity_at import ENOUGH
from ..statistic.statistic import Values

_SPLITS = 20
"""One split into halves is a matter of chance; the mean of these is little so."""


def cross_fitted_calls(
    score: Values, sides: npt.NDArray[np.int64], groups: Sequence[str], *, sensitivity: float, seed: int = 0
) -> Values:
    """Return how often each row is called positive when the other half of the groups chooses the threshold.

    The groups are split into halves by chance, again and again; in each half the threshold is the highest that reaches
    ``sensitivity`` there, and it is used on the other. The sensitivity that comes out is then not the one asked for,
    and has to be told beside the specificity. nan for side 0, and where the other half never had a positive.
    """
    names, member = np.unique(np.asarray(groups, dtype=str), return_inverse=True)
    rng = np.random.default_rng(seed)
    calls = np.full((_SPLITS, len(score)), np.nan)
    for split in calls:
        first = (rng.permutation(len(names)) < len(names) // 2)[member]
        for fitted, used in ((first, ~first), (~first, first)):
            rising = np.sort(score[fitted & (sides > 0)])
            if len(rising):
                threshold = rising[int((1 - sensitivity + ENOUGH) * len(rising))]
                split[used] = score[used] >= threshold
    known = np.isfinite(calls) & (sides != 0)
    n = known.sum(0)
    return np.where(n > 0, np.where(known, calls, 0).sum(0) / np.maximum(n, 1), np.nan)
