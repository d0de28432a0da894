"""Rows in rising order, equal ones together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .statistic import Values


@dataclass(frozen=True, eq=False)
class TieGroups:
    """``order`` sorts the rows; each group of equal values begins at one of ``starts`` and has ``sizes`` rows."""

    order: npt.NDArray[np.intp]
    starts: npt.NDArray[np.intp]
    sizes: npt.NDArray[np.intp]

    def sums(self, weights: Values) -> Values:
        """Add up ``(draws, rows)`` within groups: ``(draws, groups)``."""
        return np.asarray(np.add.reduceat(weights[:, self.order], self.starts, axis=1))

    def midranks(self, weights: Values) -> Values:
        """Return each row's rank ``(draws, rows)``, the mean rank among its equals, every row counted by weight."""
        sums = self.sums(weights)
        middle = np.cumsum(sums, axis=1) - sums / 2 + 0.5
        ranks = np.empty_like(weights)
        ranks[:, self.order] = np.repeat(middle, self.sizes, axis=1)
        return ranks


def tie_groups(values: Values) -> TieGroups:
    """Group ``(rows,)``, at least one, none of them nan."""
    order = np.argsort(values, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(values[order]) != 0])
    return TieGroups(order, starts, np.diff(np.r_[starts, len(values)]))
