"""Branching trees of vessels that fill a lung."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .canvas import Cone

_TWIG_RADIUS_MM = 0.6
_BRANCHING = 2.6  # r^n of a parent is the sum over its children: between 2.3 and 3 in human lungs
_WOBBLE = 0.07  # bend of a long branch, as a share of its length

_Vector = npt.NDArray[np.float64]


def vessel_tree(root_mm: npt.ArrayLike, tips_mm: _Vector, rng: np.random.Generator) -> list[Cone]:
    """Grow a tree from ``root_mm`` that reaches every point of ``tips_mm`` ``(n, 3)``, thinner with each branching.

    The space is halved again and again: each branch runs part of the way to the middle of the tips it serves, then
    divides them in two (the idea of Tawhai et al., Ann Biomed Eng 2000;28:793).
    """
    cones: list[Cone] = []
    waiting = [(np.asarray(root_mm, dtype=np.float64), np.asarray(tips_mm, dtype=np.float64))]
    while waiting:
        start, tips = waiting.pop()
        way = tips.mean(axis=0) - start
        stop = start + way * (rng.uniform(0.36, 0.5) if len(tips) > 1 else 1.0)
        cones.extend(_branch(start, stop, len(tips), rng))
        if len(tips) > 1:
            waiting.extend((stop, part) for part in _halves(tips, way, rng))
    return cones


def _branch(start: _Vector, stop: _Vector, served: int, rng: np.random.Generator) -> list[Cone]:
    length = float(np.linalg.norm(stop - start))
    thick = _TWIG_RADIUS_MM * served ** (1 / _BRANCHING)
    thin = _TWIG_RADIUS_MM * max(served * 0.85, 1) ** (1 / _BRANCHING) * (0.7 if served == 1 else 1.0)
    bend = rng.normal(size=3) * _WOBBLE * length
    middle = (start + stop) / 2 + bend
    between = (thick + thin) / 2
    return [_cone(start, middle, thick, between), _cone(middle, stop, between, thin)]


def _halves(tips: _Vector, way: _Vector, rng: np.random.Generator) -> tuple[_Vector, _Vector]:
    """Split the tips across their longest direction, mostly sideways to the way we came."""
    centred = tips - tips.mean(axis=0)
    way = way / max(float(np.linalg.norm(way)), 1e-6)
    sideways = centred - 0.8 * np.outer(centred @ way, way)
    _, _, directions = np.linalg.svd(sideways, full_matrices=False)
    order = np.argsort(centred @ directions[0], kind="stable")
    cut = int(np.clip(round(len(tips) * rng.uniform(0.3, 0.7)), 1, len(tips) - 1))
    return tips[order[:cut]], tips[order[cut:]]


def _cone(start: _Vector, stop: _Vector, start_radius_mm: float, stop_radius_mm: float) -> Cone:
    (x0, y0, z0), (x1, y1, z1) = start.tolist(), stop.tolist()
    return Cone((x0, y0, z0), (x1, y1, z1), start_radius_mm, stop_radius_mm)
