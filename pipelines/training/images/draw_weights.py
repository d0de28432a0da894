"""How often each picture is drawn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence

import numpy as np
import numpy.typing as npt


def draw_weights(
    labels: Sequence[Hashable], groups: Sequence[Hashable], *, class_balance: float, group_balance: float
) -> npt.NDArray[np.float64]:
    """Weights ``(n,)`` that sum to 1: ``n_class ** -class_balance * n_group ** -group_balance`` of each picture.

    Parameters
    ----------
    labels, groups : of each picture.
    class_balance, group_balance : 0: all pictures alike; 1: all classes (groups) alike.

    Raises
    ------
    ValueError
        There is no picture.
    """
    if not labels:
        raise ValueError("there is no picture to draw; hold another fold out, or none (fold: null)")
    of_class, of_group = Counter(labels), Counter(groups)
    weights = np.array(
        [
            of_class[label] ** -class_balance * of_group[group] ** -group_balance
            for label, group in zip(labels, groups, strict=True)
        ]
    )
    return np.asarray(weights / weights.sum())
