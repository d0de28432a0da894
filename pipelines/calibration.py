"""From what the network says to a probability that can be taken at its word."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, isfinite, log

LEAST = 1e-6
"""Probabilities are kept this far from 0 and 1, so that they have a logit."""
REFERENCE_MM = 10.0
LEAST_DIAMETER_MM = 1.0
"""What measures less is not measurable in CT."""


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """``logit(p') = scale logit(p) + shift + log_diameter log(diameter / 10 mm)``.

    ``scale`` alone is temperature scaling with T = 1 / scale (Guo et al. 2017, section 4.2), with ``shift`` Platt
    scaling. All defaults: nothing changes.

    Raises
    ------
    ValueError
        A parameter is not finite, or ``scale`` is not above 0: the order of nodules of one size must stay.
    """

    scale: float = 1.0
    shift: float = 0.0
    log_diameter: float = 0.0

    def __post_init__(self) -> None:
        if not (all(map(isfinite, (self.scale, self.shift, self.log_diameter))) and self.scale > 0):
            raise ValueError(f"{self}: expected finite parameters and a scale above 0")

    def apply(self, probability: float, diameter_mm: float | None = None) -> float:
        """Calibrate one probability.

        Raises
        ------
        ValueError
            The calibration needs the diameter and none is given.
        """
        if self.log_diameter and diameter_mm is None:
            raise ValueError("this calibration uses the diameter: expected diameter_mm, found None")
        size = log(max(diameter_mm or 0.0, LEAST_DIAMETER_MM) / REFERENCE_MM) if self.log_diameter else 0.0
        p = min(max(probability, LEAST), 1 - LEAST)
        z = self.scale * log(p / (1 - p)) + self.shift + self.log_diameter * size
        return 1 / (1 + exp(-z)) if z >= 0 else exp(z) / (1 + exp(z))
