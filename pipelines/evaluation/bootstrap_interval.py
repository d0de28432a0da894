"""Intervals that respect that one patient has several nodules."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt


def bootstrap_interval(
    statistic: Callable[[npt.NDArray[np.int64]], float],
    groups: Sequence[str],
    *,
    draws: int = 2000,
    level: float = 0.95,
    seed: int = 0,
) -> tuple[float, float]:
    """Percentile interval of a statistic, drawing whole groups (patients) with replacement.

    Parameters
    ----------
    statistic : takes row indices, returns a number; draws where it is nan are left out.
    groups : the group of each row.

    Returns
    -------
    Low and high end; nan where no draw gave a number, and for one group alone, whose draws are all the same.
    """
    rng = np.random.default_rng(seed)
    names, member = np.unique(np.asarray(groups), return_inverse=True)
    rows = [np.flatnonzero(member == g) for g in range(len(names))]
    values = []
    for _ in range(draws if len(rows) > 1 else 0):
        drawn = rng.integers(len(rows), size=len(rows))
        values.append(statistic(np.concatenate([rows[g] for g in drawn])))
    known = [v for v in values if np.isfinite(v)]
    if not known:
        return float("nan"), float("nan")
    low, high = np.quantile(known, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
