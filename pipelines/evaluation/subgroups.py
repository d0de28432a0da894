"""Which nodules are looked at apart."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from .nodule_outcome import NoduleOutcome

_INF = float("inf")
Ranges = Mapping[str, tuple[float, float]]
"""Name to (from, below)."""
_ABOVE = 1e-6
"""mm: slices of just 1.25 or 2 mm belong to the thinner group, whatever rounding did to them."""

_SUBGROUPS: Mapping[str, tuple[Callable[[NoduleOutcome], float | None], Ranges]] = {
    "diameter": (
        lambda o: o.diameter_mm,
        {"<6 mm": (0, 6), "6-10 mm": (6, 10), "10-20 mm": (10, 20), ">=20 mm": (20, _INF)},
    ),
    "texture": (
        lambda o: o.attributes.get("texture"),
        {"non-solid": (0, 2.5), "part-solid": (2.5, 4.5), "solid": (4.5, _INF)},
    ),
    "slice_distance": (
        lambda o: o.slice_mm,
        {
            "<=1.25 mm": (0, 1.25 + _ABOVE),
            "1.25-2 mm": (1.25 + _ABOVE, 2 + _ABOVE),
            ">2 mm": (2 + _ABOVE, _INF),
        },
    ),
}


def subgroups(outcomes: Sequence[NoduleOutcome]) -> dict[str, dict[str, npt.NDArray[np.bool_]]]:
    """Choose rows by the readers' longest axial diameter, the readers' mean texture, and the distance of slices.

    A texture of 1 is non-solid, 3 part-solid, 5 solid (LIDC); the mean counts as the nearest of 1-2, 3-4 and 5. A
    nodule of unknown texture or slice distance is in no group of that kind.
    """
    chosen: dict[str, dict[str, npt.NDArray[np.bool_]]] = {}
    for kind, (value_of, ranges) in _SUBGROUPS.items():
        values = [value_of(o) for o in outcomes]
        chosen[kind] = {
            name: np.array([v is not None and low <= v < high for v in values], dtype=bool)
            for name, (low, high) in ranges.items()
        }
    return chosen
