"""Compare one cube's output with its nodule."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from ...transforms.boxes import CELL_CENTRE, STRIDE
from ...transforms.candidate_masks import CandidateMask, candidate_masks
from ...transforms.candidates import Candidate, find_candidates
from ...transforms.diameters import axial_diameters
from ...transforms.targets import box_of
from ..inference.rating import read_rating
from ..inference.unpack_heads import split_heads
from .nodule_cubes import Truth
from .nodule_outcome import NoduleOutcome

_LEAST_PROBABILITY = 0.01
_LEAST_RADIUS_MM = 4.0
"""A hit lies within the nodule's radius, or within one cell of the heat map where that is more."""
_SPACING_MM = (1.0, 1.0, 1.0)


def judge_nodule(packed: Tensor, truth: Truth, *, outline_probability: float = 0.5) -> NoduleOutcome:
    """Read what a packed output ``(83, d/4, h/4, w/4)`` says of the cube's nodule."""
    maps = split_heads(packed[None].cpu(), outline_probability=outline_probability)
    centre, edges = box_of(truth.mask)
    candidates = find_candidates(maps["heat"], maps["box"], min_probability=_LEAST_PROBABILITY)
    hit = _best_within(candidates, centre, max(_LEAST_RADIUS_MM, float(edges.max()) / 2))
    candidate = hit or _at(centre, edges, maps["heat"].shape)
    mask = candidate_masks(maps["mask"], [candidate])[0]
    record = truth.record
    return NoduleOutcome(
        key=record.key,
        patient_id=record.patient_id,
        found=hit is not None,
        probability=candidate.probability,
        dice=_dice(mask, truth.mask),
        diameter_mm=axial_diameters(_whole(truth.mask), _SPACING_MM).long_axis_mm,
        predicted_diameter_mm=axial_diameters(mask, _SPACING_MM).long_axis_mm,
        malignancy_probability=read_rating(maps["rating"], candidate.cell_kji).malignancy_probability,
        scores=[int(r["malignancy"]) for r in record.ratings],
        modal_score=int(float(record.row["malignancy_mode"] or 0)),
    )


def _best_within(
    candidates: Sequence[Candidate], centre_kji: npt.NDArray[np.float64], within_voxels: float
) -> Candidate | None:
    def distance(c: Candidate) -> float:
        return float(np.linalg.norm(np.array(c.centre_ijk[::-1]) - centre_kji))

    near = [c for c in candidates if distance(c) <= within_voxels]
    return max(near, key=lambda c: c.probability, default=None)


def _at(centre_kji: npt.NDArray[np.float64], edges: npt.NDArray[np.float64], cells: torch.Size) -> Candidate:
    """Stand at the annotated place where nothing was found."""
    k, j, i = (
        int(np.clip(round((c - CELL_CENTRE) / STRIDE), 0, n - 1)) for c, n in zip(centre_kji, cells, strict=True)
    )
    x, y, z = (float(v) for v in centre_kji[::-1])
    a, b, c = (float(v) for v in edges[::-1])
    return Candidate(0.0, (k, j, i), (x, y, z), (a, b, c))


def _dice(mask: CandidateMask, truth: npt.NDArray[np.bool_]) -> float:
    predicted = np.pad(np.zeros(truth.shape, bool), 1)
    block = tuple(slice(s + 1, s + 1 + n) for s, n in zip(mask.start_kji, mask.probability.shape, strict=True))
    predicted[block] = mask.probability >= 0.5
    inside = predicted[1:-1, 1:-1, 1:-1]
    return float(2 * (inside & truth).sum() / (inside.sum() + truth.sum()))


def _whole(mask: npt.NDArray[np.bool_]) -> CandidateMask:
    return CandidateMask((-1, -1, -1), np.pad(mask.astype(np.float32), 1))
