"""What the pictures of a case say together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

Classes = Mapping[str, float]


def summarise(pictures: Sequence[Classes], positive: str, top: int) -> tuple[Classes, int]:
    """Return the mean class probabilities of the ``top`` most positive pictures, and the place of the most positive.

    One lesion is seen in a few slices of hundreds: the mean of all would drown it, the highest alone would follow a
    single outlier.

    Raises
    ------
    ValueError
        No picture, ``top`` below 1, or an unknown class.
    """
    if not pictures or top < 1 or positive not in pictures[0]:
        raise ValueError(f"expected pictures, top >= 1 and a known class; found {len(pictures)}, {top}, {positive!r}")
    ranked = np.argsort([-classes[positive] for classes in pictures], kind="stable")
    chosen = [pictures[int(n)] for n in ranked[:top]]
    return {name: float(np.mean([one[name] for one in chosen])) for name in pictures[0]}, int(ranked[0])
