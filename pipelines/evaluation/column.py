"""Judged nodules as columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from .nodule_outcome import NoduleOutcome


def column(
    outcomes: Sequence[NoduleOutcome], value_of: Callable[[NoduleOutcome], float | None]
) -> npt.NDArray[np.float64]:
    """Return one value per nodule, nan where it is None."""
    values = (value_of(o) for o in outcomes)
    return np.array([np.nan if v is None else v for v in values], dtype=float)
