"""From maps of probabilities to findings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from monai.transforms.transform import Transform

from ...transforms.candidate_masks import candidate_masks
from ...transforms.candidates import Candidate, find_candidates
from ...transforms.diameters import axial_diameters
from ...transforms.nearest_lung import nearest_lung
from ..calibration import Calibration
from .close_look import CloseLook
from .measure_finding import Scene, SeenOutline, measure_finding
from .rating import read_rating

_CANDIDATES_PER_FINDING = 3
"""Candidates outlined for each finding asked for: some turn out too small."""

_WORTH_A_LOOK = 0.85
"""Of the least probability: many more candidates lie below it, and every look costs time."""


class DecodeFindingsd(Transform):  # type: ignore[misc]  # MONAI ships no types
    """Find the candidates in ``heat`` and ``box``, outline and rate them in a close look, measure them in the scan.

    Adds ``findings``, a tuple of :class:`.Finding`, most probable first; the maps are dropped. ``look`` of the case is
    the network, as the engine runs it (:class:`.CaseEvaluator`).

    Parameters
    ----------
    close_look : how candidates are outlined and rated.
    calibration : from what the rating head says to a probability of malignancy; None: as it says.
    min_probability, max_findings : which candidates are worth telling. The close look has its share in the probability
        (:class:`.CloseLook`). It is taken at those that it could raise to ``min_probability``, but at none below 0.85
        of that, and at the ``max_findings`` most probable.
    min_diameter_mm : least long axis of an outline; readers call nothing below 3 mm a nodule, and a candidate that the
        mask head does not see is seldom one.
    max_lung_distance_mm : how far from lung a candidate's surface may lie, where lungs were found: bowel and vessels
        of the neck look like nodules to a network that has seen little else than lung. None: anywhere.
    nms_iou : of candidates that overlap by more than this, the most probable stays.
    """

    def __init__(
        self,
        *,
        close_look: CloseLook,
        calibration: Calibration | None = None,
        min_probability: float = 0.1,
        max_findings: int = 20,
        min_diameter_mm: float = 2.5,
        max_lung_distance_mm: float | None = 5.0,
        nms_iou: float = 0.1,
    ) -> None:
        if not 0 <= min_probability <= 1:
            raise ValueError(f"min_probability lies between 0 and 1, found {min_probability}")
        if max_findings < 1:
            raise ValueError(f"max_findings is at least 1, found {max_findings}")
        self.close_look, self.calibration = close_look, calibration
        self.min_probability = float(min_probability)
        self.max_findings = int(max_findings)
        self.min_diameter_mm = float(min_diameter_mm)
        self.max_lung_distance_mm = max_lung_distance_mm
        self.nms_iou = float(nms_iou)

    def __call__(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Return a copy of ``data`` with ``findings`` in place of the maps."""
        result = dict(data)
        heat, boxes, mask = (result.pop(key) for key in ("heat", "box", "mask"))
        del result["rating"]  # learnt in close looks only
        candidates = find_candidates(
            heat,
            boxes,
            max_candidates=_CANDIDATES_PER_FINDING * self.max_findings,
            min_probability=self._least_to_look_at(),
            nms_iou=self.nms_iou,
        )
        scene = Scene(data["volume"].hu, data["source_grid"], data["model_grid"], data["lungs"])
        candidates = tuple(c for c in candidates if self._at_lung(c, scene))
        outlined = zip(candidates, candidate_masks(mask, candidates), strict=True)
        chosen = [
            candidate
            for candidate, outline in outlined
            if axial_diameters(outline, scene.model.spacing_mm).long_axis_mm >= self.min_diameter_mm
        ][: self.max_findings]
        views = self.close_look(data["look"], scene.hu, scene.source, scene.model, chosen)
        seen = [(replace(c, probability=v.probability), v) for c, v in zip(chosen, views, strict=True)]
        told = [(c, v) for c, v in seen if c.probability >= self.min_probability]
        told.sort(key=lambda pair: -pair[0].probability)
        result["findings"] = tuple(
            measure_finding(
                n,
                candidate,
                SeenOutline(view.outline, view.grid, view.axes, view.outline_uncertainty),
                rating=read_rating(view.rating),
                calibration=self.calibration,
                scene=scene,
            )
            for n, (candidate, view) in enumerate(told, start=1)
        )
        return result

    def _least_to_look_at(self) -> float:
        share = self.close_look.presence_share
        return max((self.min_probability - share) / (1 - share), _WORTH_A_LOOK * self.min_probability)

    def _at_lung(self, candidate: Candidate, scene: Scene) -> bool:
        if self.max_lung_distance_mm is None or not scene.lungs.found:
            return True
        centre_lps = scene.model.to_lps([candidate.centre_ijk])[0]
        radius_mm = max(np.multiply(candidate.size_ijk, scene.model.spacing_mm)) / 2
        distance_mm = nearest_lung(scene.lungs, centre_lps).distance_mm
        return bool(distance_mm <= radius_mm + self.max_lung_distance_mm)
