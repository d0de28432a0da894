"""A nodule seen closely, in another lung."""

from __future__ import annotations

import numpy as np

from ...transforms.targets import Lesion
from .background import Background
from .cut_nodule import to_nodule
from .lidc_nodules import LidcRecord, zoom
from .nodule import F32
from .transplant import Pose, paste, posed

_SCALE_SD = 0.06
_SHIFT_MM = 4.8


def close_transplant(
    record: LidcRecord, background: Background, rng: np.random.Generator, *, edge: int, spacing_mm: float
) -> tuple[F32, Lesion]:
    """Draw a cube of ``edge`` voxels of ``spacing_mm`` of a chest, with an outlined nodule put into its lung."""
    edge_mm = int(np.ceil(edge * spacing_mm)) + 1
    places = np.argwhere(background.lung[:: edge_mm // 4, :: edge_mm // 4, :: edge_mm // 4]) * (edge_mm // 4)
    middle = places[rng.integers(len(places))] if len(places) else np.array(background.hu.shape) // 2
    start = np.clip(middle - edge_mm // 2, 0, np.array(background.hu.shape) - edge_mm)
    crop = tuple(slice(int(s), int(s) + edge_mm) for s in start)
    hu = zoom(background.hu[crop], (1 / spacing_mm,) * 3)[:edge, :edge, :edge].copy()
    scale = float(np.exp(rng.normal(0, _SCALE_SD)))
    flips = (bool(rng.random() < 0.5), bool(rng.random() < 0.5), bool(rng.random() < 0.5))
    pose = Pose(float(rng.uniform(0, 2 * np.pi)), scale, flips, background.slice_mm / spacing_mm)
    shift = rng.uniform(-_SHIFT_MM, _SHIFT_MM, 3) / spacing_mm
    centre = [round(edge / 2 + float(s)) for s in shift]
    mask = paste(hu, posed(to_nodule(record, spacing_mm), pose), centre)
    return hu, Lesion(mask if mask.any() else None, record.scores, record.attributes, (centre[0], centre[1], centre[2]))
