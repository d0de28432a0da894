"""Compare what the network says of one cube with its nodule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from torch import Tensor

from ...networks.packing import ATTRIBUTES
from ...transforms.boxes import CELL_CENTRE, STRIDE
from ...transforms.candidate_masks import CandidateMask
from ...transforms.candidates import Candidate, find_candidates
from ...transforms.diameters import axial_diameters
from ...transforms.mask_to_source import mask_to_source
from ..calibration import Calibration
from ..inference.close_look import CloseLook, Look
from ..inference.rating import read_rating
from ..inference.unpack_heads import split_heads
from .mask_agreement import MaskAgreement, mask_agreement
from .nodule_cubes import CubeScene
from .nodule_outcome import NoduleOutcome

Mask = npt.NDArray[np.bool_]

_LEAST_PROBABILITY = 0.01
_LEAST_RADIUS_MM = 4.0
"""A hit lies within the nodule's radius, or within one cell of the heat map where that is more."""


@dataclass(frozen=True, eq=False)
class Judge:
    """How candidates are outlined and rated: as in the bundle's inference."""

    close_look: CloseLook
    calibration: Calibration | None = None


def judge_nodule(packed: Tensor, scene: CubeScene, look: Look, judge: Judge) -> NoduleOutcome:
    """Read what a packed output ``(83, d/4, h/4, w/4)`` and a close look say of the cube's nodule.

    The nodule's candidate is the most probable one within its radius; where there is none, the network is asked at the
    annotated place. Masks are compared on the native voxels of the patch.
    """
    maps = split_heads(packed[None].cpu(), outline_probability=judge.close_look.outline_probability)
    centre_ijk = scene.model.to_ijk([scene.centre_lps_mm])[0]
    edges = np.full(3, 2 * _LEAST_RADIUS_MM) if scene.edges_mm is None else scene.edges_mm
    candidates = find_candidates(maps["heat"], maps["box"], min_probability=_LEAST_PROBABILITY)
    hit = _best_within(candidates, centre_ijk, max(_LEAST_RADIUS_MM, float(edges.max()) / 2))
    candidate = hit or _at(centre_ijk, edges, maps["heat"].shape)
    view = judge.close_look(look, scene.hu, scene.source, scene.model, [candidate])[0]
    predicted = _placed(*mask_to_source(view.outline, view.grid, scene.source), scene.source.shape_kji)
    rating, agreement, record = read_rating(view.rating), _agreement(predicted, scene), scene.record
    return NoduleOutcome(
        key=record.key,
        patient_id=record.patient_id,
        found=hit is not None,
        probability=0.0 if hit is None else view.probability,
        dice=None if agreement is None else agreement.dice,
        surface_distance_mm=None if agreement is None else agreement.surface_distance_mm,
        hausdorff95_mm=None if agreement is None else agreement.hausdorff95_mm,
        diameter_mm=_diameter_mm(scene),
        predicted_diameter_mm=view.axes.long_axis_mm,
        volume_mm3=None if agreement is None else agreement.volume_mm3,
        predicted_volume_mm3=None if agreement is None else agreement.predicted_volume_mm3,
        malignancy_probability=rating.told(judge.calibration, view.axes.long_axis_mm),
        raw_malignancy_probability=rating.malignancy_probability,
        malignancy_sd=rating.malignancy_sd,
        mask_uncertainty=view.outline_uncertainty,
        scores=[int(r["malignancy"]) for r in record.ratings if r["malignancy"]],
        modal_score=int(float(record.row.get("malignancy_mode") or 0)),
        attributes=_readers_attributes(scene),
        predicted_attributes=rating.attributes,
        slice_mm=record.spacing_mm[2],
        dice_in_cube=None if scene.majority is None else _dice(predicted, scene.majority),
    )


def _best_within(
    candidates: Sequence[Candidate], centre_ijk: npt.NDArray[np.float64], within_voxels: float
) -> Candidate | None:
    near = [c for c in candidates if np.linalg.norm(np.subtract(c.centre_ijk, centre_ijk)) <= within_voxels]
    return max(near, key=lambda c: c.probability, default=None)


def _at(centre_ijk: npt.NDArray[np.float64], edges: npt.NDArray[np.float64], cells: Sequence[int]) -> Candidate:
    """Stand at the annotated place where nothing was found."""
    k, j, i = (
        int(np.clip(round((c - CELL_CENTRE) / STRIDE), 0, n - 1)) for c, n in zip(centre_ijk[::-1], cells, strict=True)
    )
    x, y, z = (float(v) for v in centre_ijk)
    a, b, c = (float(v) for v in edges)
    return Candidate(0.0, (k, j, i), (x, y, z), (a, b, c))


def _agreement(predicted: Mask, scene: CubeScene) -> MaskAgreement | None:
    """Compare on the slices that the patch holds: of the made ones nobody knows what stood there."""
    if scene.majority is None:
        return None
    seen = slice(*scene.patch_k)
    x, y, z = scene.source.spacing_mm
    return mask_agreement(predicted[seen], scene.majority[seen], (z, y, x))


def _diameter_mm(scene: CubeScene) -> float:
    """Longest axial diameter of the majority, on its outline; else of the box, else as annotated."""
    if scene.majority is not None:
        whole = CandidateMask((-1, -1, -1), np.pad(scene.majority.astype(np.float32), 1))
        return axial_diameters(whole, scene.source.spacing_mm).long_axis_mm
    if scene.edges_mm is not None:
        return float(scene.edges_mm[:2].max())
    return float(scene.record.row.get("diameter_mm") or "nan")


def _readers_attributes(scene: CubeScene) -> dict[str, float]:
    given = {name: [float(r[name]) for r in scene.record.ratings if r.get(name)] for name in ATTRIBUTES}
    return {name: float(np.mean(values)) for name, values in given.items() if values}


def _placed(start_kji: tuple[int, int, int], voxels: Mask, shape: tuple[int, int, int]) -> Mask:
    whole = np.zeros(shape, bool)
    whole[tuple(slice(s, s + n) for s, n in zip(start_kji, voxels.shape, strict=True))] = voxels
    return whole


def _dice(a: Mask, b: Mask) -> float:
    return float(2 * (a & b).sum() / (a.sum() + b.sum()))
