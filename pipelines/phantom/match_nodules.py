"""Which finding is which nodule of a phantom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .nodule import PhantomNodule

SAME_NODULE_MM = 10.0  # half of the largest demo nodule: further away it is another thing


@dataclass(frozen=True)
class Found:
    """A finding as measured: the number it has, its place and the diameter of the sphere of its volume."""

    finding_id: int
    probability: float
    centre_lps_mm: tuple[float, float, float]
    diameter_mm: float


@dataclass(frozen=True)
class Match:
    """A true nodule and the finding that stands for it, None where it was missed."""

    nodule: PhantomNodule
    found: Found | None

    @property
    def distance_mm(self) -> float:
        """Distance between the centres; infinite for a missed nodule."""
        if self.found is None:
            return float("inf")
        return float(np.linalg.norm(np.subtract(self.found.centre_lps_mm, self.nodule.centre_lps_mm)))

    @property
    def diameter_error(self) -> float:
        """Measured against true diameter: 0.1 is 10 % too large; infinite for a missed nodule."""
        if self.found is None:
            return float("inf")
        return self.found.diameter_mm / self.nodule.diameter_mm - 1


def match_nodules(nodules: Sequence[PhantomNodule], found: Sequence[Found]) -> tuple[Match, ...]:
    """Pair each nodule with the nearest finding within 10 mm; a finding stands for one nodule only."""
    pairs = [Match(nodule, finding) for nodule in nodules for finding in found]
    near = sorted((pair for pair in pairs if pair.distance_mm <= SAME_NODULE_MM), key=lambda pair: pair.distance_mm)
    chosen: dict[int, Found] = {}
    for pair in near:
        if id(pair.nodule) not in chosen and pair.found is not None and pair.found not in chosen.values():
            chosen[id(pair.nodule)] = pair.found
    return tuple(Match(nodule, chosen.get(id(nodule))) for nodule in nodules)
