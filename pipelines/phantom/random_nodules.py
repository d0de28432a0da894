"""Nodules at sensible places in the lungs of a phantom."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .anatomy import Anatomy, anatomy
from .canvas import Cone
from .lung_vessels import lung_vessels
from .nodule import CALCIFIED_HU, GROUND_GLASS_HU, SOLID_HU, PhantomNodule

_GAP_MM = 12.0  # free space between two nodules
_PLACES = ("free", "vessel", "pleura", "free")
_KINDS = ("solid", "solid", "solid", "part-solid", "ground glass", "calcified")
_HILUM_MM = 55.0  # nodules keep this far from the middle of the chest: a node there is no lung nodule
_VESSEL_GAP_MM = 2.0  # between a free nodule and vessels of more than 2 mm
_TRIES = 400


def random_nodules(
    seed: int, n: int, *, diameters_mm: Sequence[float] | None = None, solid_only: bool = False
) -> tuple[PhantomNodule, ...]:
    """Choose ``n`` nodules for the chest with this seed: some at the pleura, some at vessels, some free in the lung.

    Parameters
    ----------
    diameters_mm
        One for each nodule; None draws them between 4 and 25 mm, small ones more often.
    solid_only
        Leave out part-solid, ground-glass and calcified nodules, and strong lobulation.

    Raises
    ------
    ValueError
        Fewer or more diameters than nodules, or no room for that many.
    """
    organs = anatomy(seed)
    return place_nodules(organs, lung_vessels(organs), n, diameters_mm=diameters_mm, solid_only=solid_only)


def place_nodules(
    organs: Anatomy, vessels: Sequence[Cone], n: int, *, diameters_mm: Sequence[float] | None, solid_only: bool
) -> tuple[PhantomNodule, ...]:
    """Do what ``random_nodules`` does, in a chest that is at hand."""
    seed = organs.measures.seed
    rng = np.random.default_rng([seed, 5])
    sizes = np.exp(rng.uniform(np.log(4), np.log(25), n)) if diameters_mm is None else np.asarray(diameters_mm)
    if len(sizes) != n:
        raise ValueError(f"found {len(sizes)} diameters for {n} nodules")
    chosen: list[PhantomNodule] = []
    for index, size in enumerate(sizes):
        side = "right" if (index + seed) % 2 else "left"
        centre = _centre(organs, vessels, rng, chosen, (float(size), side, _PLACES[index % len(_PLACES)]))
        chosen.append(_nodule(rng, centre, float(size), solid_only, organs))
    return tuple(chosen)


def _centre(
    organs: Anatomy,
    vessels: Sequence[Cone],
    rng: np.random.Generator,
    others: Sequence[PhantomNodule],
    wish: tuple[float, str, str],
) -> tuple[float, float, float]:
    """Draw places until one is in the right lung, at the wished depth and clear of the others."""
    size, side, place = wish
    lung = organs.right_lung if side == "right" else organs.left_lung
    low, high = (0.40 * size, 0.40 * size + 2) if place == "pleura" else (0.5 * size + 3, 100.0)
    allowed = organs.lattice.points()[(lung < -low) & (organs.cage > -(high + 4))]  # the pleura at the ribs
    for _ in range(_TRIES):
        point = allowed[rng.integers(len(allowed))] + rng.uniform(-1, 1, 3)
        if place == "vessel":
            point = _beside(vessels, rng, size)
        elif not _off_vessels(point, size, vessels):
            continue
        depth = -float(organs.lattice.at(lung, point)[0])
        if depth >= low and _clear(point, size, others) and float(np.hypot(*point[:2])) > _HILUM_MM:
            return float(point[0]), float(point[1]), float(point[2])
    raise ValueError(f"no room for a nodule of {size:.0f} mm beside {len(others)} others")


def _beside(
    vessels: Sequence[Cone], rng: np.random.Generator, size: float
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return a point from which a nodule touches a vessel of 2 to 5 mm."""
    fit = [cone for cone in vessels if 1.0 <= cone.start_radius_mm <= 2.5]
    cone = fit[rng.integers(len(fit))]
    away = rng.normal(size=3)
    return np.asarray((np.array(cone.start) + cone.stop) / 2 + away / np.linalg.norm(away) * (size / 2 + 0.5))


def _off_vessels(point: np.ndarray[tuple[int], np.dtype[np.float64]], size: float, vessels: Sequence[Cone]) -> bool:
    thick = [cone for cone in vessels if cone.start_radius_mm > 1.0]
    start, stop = np.array([cone.start for cone in thick]), np.array([cone.stop for cone in thick])
    axis = stop - start
    t = np.clip(((point - start) * axis).sum(1) / np.maximum((axis * axis).sum(1), 1e-9), 0, 1)
    gap = np.linalg.norm(start + t[:, None] * axis - point, axis=1) - [cone.start_radius_mm for cone in thick]
    return float(gap.min()) > size / 2 + _VESSEL_GAP_MM


def _clear(point: np.ndarray[tuple[int], np.dtype[np.float64]], size: float, others: Sequence[PhantomNodule]) -> bool:
    gaps = (np.linalg.norm(point - other.centre_lps_mm) - (size + other.diameter_mm) / 2 for other in others)
    return all(float(gap) > _GAP_MM for gap in gaps)


def _nodule(
    rng: np.random.Generator, centre: tuple[float, float, float], size: float, solid_only: bool, organs: Anatomy
) -> PhantomNodule:
    kind = "solid" if solid_only else str(rng.choice(_KINDS))
    stretch = rng.uniform(0.92, 1.08, 3) if solid_only else rng.uniform(0.8, 1.25, 3)
    hu = {"ground glass": GROUND_GLASS_HU, "part-solid": GROUND_GLASS_HU, "calcified": CALCIFIED_HU}.get(kind, SOLID_HU)
    return PhantomNodule(
        centre,
        size,
        lung_side=organs.side_of(centre),
        hu=hu + float(rng.uniform(-25, 25)),
        axes=(float(stretch[0]), float(stretch[1]), float(stretch[2])),
        lobulation=float(rng.uniform(0, 0.04 if solid_only else 0.14)),
        lobes=int(rng.integers(2, 5)),
        core=float(rng.uniform(0.35, 0.65)) if kind == "part-solid" else 0.0,
    )
