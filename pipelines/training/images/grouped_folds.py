"""Divide images into folds without dividing a patient."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from fractions import Fraction

import numpy as np


def grouped_folds(labels: Sequence[Hashable], groups: Sequence[str], *, n: int = 5, seed: int = 0) -> tuple[int, ...]:
    """Return the fold (0 to ``n - 1``) of each image; all images of a group are in one fold.

    Groups are taken from the largest to the smallest (those of one size in an order drawn with ``seed``), each to the
    fold where the sum over folds and classes of (share of the class's images)^2 grows least: so each class is spread as
    evenly as its groups allow; of folds alike, the first. Names and order of the classes do not matter.

    Parameters
    ----------
    labels, groups : of each image.

    Raises
    ------
    ValueError
        There are fewer groups than folds, or not as many labels as groups.
    """
    if len(labels) != len(groups):
        raise ValueError(f"expected one label and one group per image, found {len(labels)} and {len(groups)}")
    names = sorted(set(groups))
    if not 2 <= n <= len(names):
        raise ValueError(f"expected from 2 to {len(names)} folds (the groups there are), found {n}")
    np.random.default_rng(seed).shuffle(names)
    counts = {name: Counter[Hashable]() for name in names}
    for label, group in zip(labels, groups, strict=True):
        counts[group][label] += 1
    filled = [Counter[Hashable]() for _ in range(n)]
    totals = Counter(labels)
    fold_of = {}
    for name in sorted(names, key=lambda name: -counts[name].total()):
        fold = min(range(n), key=lambda fold: _growth(filled[fold], counts[name], totals))
        filled[fold].update(counts[name])
        fold_of[name] = fold
    return tuple(fold_of[group] for group in groups)


def _growth(filled: Mapping[Hashable, int], added: Mapping[Hashable, int], totals: Mapping[Hashable, int]) -> Fraction:
    """Return (a + b)^2 - a^2 - b^2; b^2 is the same for all folds. Exact: ties must not depend on rounding."""
    return sum((Fraction(2 * filled[k] * n, totals[k] ** 2) for k, n in added.items()), Fraction(0))
