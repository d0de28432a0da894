"""Rate what a detector found with the network of two backbones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from typing import Any

import torch
from monai.transforms.transform import Transform
from torch import nn

from ...calibration import Calibration
from ...records import Finding
from ..backends.is_out_of_memory import is_out_of_memory
from .fusion_look import FusionLook, FusionReading

RATED_NOTE = (
    "probability and malignancy are those of the fusion network at the detector's places; outlines, measurements and "
    "attribute ratings are the detector's"
)
"""Stands among the notes of each case."""

_AT_ONCE = 8
"""Places that go through the network together."""


class RateWithFusiond(Transform):  # type: ignore[misc]  # MONAI ships no types
    """Put the network's probability and malignancy in place of the detector's in ``findings``, most probable first.

    The planes are cut from the scan's own voxels around each finding's centre. Outline, measurements and attribute
    ratings stay the detector's; the case's notes say so. Findings are numbered anew.

    Parameters
    ----------
    network : planes ``(b, 9, edge, edge)`` to ``(b, 10)``; computed in float32 on the device it is on, on the CPU where
        there is no room for it.
    look : how places are looked at, as in training.
    calibration : from what the rating says to a probability of malignancy; None: as it says.
    min_probability : findings less probable than this, by this network, are dropped.

    Raises
    ------
    ValueError
        ``min_probability`` is no probability.
    """

    def __init__(
        self,
        network: nn.Module,
        look: FusionLook,
        *,
        calibration: Calibration | None = None,
        min_probability: float = 0.0,
    ) -> None:
        if not 0 <= min_probability <= 1:
            raise ValueError(f"min_probability lies between 0 and 1, found {min_probability}")
        self.network, self.look, self.calibration = network.eval(), look, calibration
        self.min_probability = float(min_probability)

    def __call__(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Return a copy of ``data`` with other ``findings`` and a note in its ``plan``."""
        findings: Sequence[Finding] = data["findings"]
        said = self._readings(findings, data)
        rated = [self._rated(f, reading) for f, reading in zip(findings, said, strict=True)]
        kept = sorted((f for f in rated if f.probability >= self.min_probability), key=lambda f: -f.probability)
        numbered = tuple(replace(f, finding_id=n) for n, f in enumerate(kept, start=1))
        plan = replace(data["plan"], notes=(*data["plan"].notes, RATED_NOTE))
        return {**data, "findings": numbered, "plan": plan}

    def _readings(self, findings: Sequence[Finding], data: Mapping[str, Any]) -> Iterator[FusionReading]:
        for first in range(0, len(findings), _AT_ONCE):
            places = [f.centre_lps_mm for f in findings[first : first + _AT_ONCE]]
            images = [self.look.images(data["volume"].hu, data["source_grid"], place) for place in places]
            packed = self._packed(torch.cat(images))
            yield from (self.look.read(one) for one in torch.split(packed, self.look.mirrors))

    @torch.no_grad()
    def _packed(self, images: torch.Tensor) -> torch.Tensor:
        device = next(self.network.parameters()).device
        try:
            answer: torch.Tensor = self.network(images.to(device))
        except Exception as error:
            if device.type == "cpu" or not is_out_of_memory(error):
                raise
        else:
            return answer
        on_cpu: torch.Tensor = deepcopy(self.network).cpu()(images)  # out here the failed call's tensors are gone
        return on_cpu

    def _rated(self, finding: Finding, said: FusionReading) -> Finding:
        told = said.malignancy_probability
        return replace(
            finding,
            probability=said.presence,
            malignancy_probability=told if self.calibration is None else self.calibration.apply(told, said.diameter_mm),
            malignancy_sd=said.malignancy_sd,
            calibrated=self.calibration is not None,
        )
