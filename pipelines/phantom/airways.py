"""Windpipe, main bronchi and the great vessels around them."""

from __future__ import annotations

from itertools import pairwise

from .anatomy import Measures
from .canvas import Canvas, Cone

_WALL_HU, _AIR_HU, _BLOOD_HU, _MUSCLE_HU = 35.0, -990.0, 45.0, 35.0
_WALL_MM = 1.5

Point = tuple[float, float, float]


def hila(m: Measures) -> tuple[Point, Point]:
    """Return where the vessels enter the right and the left lung (LPS mm)."""
    return (-36.0, -2.0, m.carina_z - 14), (38.0, 2.0, m.carina_z - 8)


def paint_great_vessels(canvas: Canvas, m: Measures) -> None:
    """Paint aorta, caval and lung vessels, and the gullet."""
    z, right, left = m.carina_z, *hila(m)
    aorta = _tube([(-8, -22, z - 35), (-14, -26, z), (-8, -22, z + 22), (4, -6, z + 32), (17, 14, z + 26)], 14.5)
    aorta += _tube([(17, 14, z + 26), (23, 27, z + 5), (22, 30, z - 60), (12, 32, z - 110), (8, 30, -260)], 12.5)
    lung = _tube([(14, -36, z - 40), (16, -26, z - 14), (10, -8, z - 12)], 13.0)
    lung += [Cone((12, -12, z - 13), right, 10.5, 8.0), Cone((14, -12, z - 10), left, 10.5, 8.0)]
    caval = _tube([(-24, -14, z - 40), (-26, -18, z + 20), (-22, -20, z + 48), (-30, -12, z + 80)], 9.0)
    caval += _tube([(-22, -20, z + 48), (22, -26, z + 62)], 6.0)
    arch = _tube([(-6, -16, z + 36), (-16, -4, z + 85)], 6.0) + _tube([(8, 0, z + 38), (18, 2, z + 95)], 5.0)
    gullet = _tube([(5, 16, z + 110), (3, 19, z + 10), (6, 18, z - 60), (16, 2, z - 125)], 7.0)
    canvas.paint_cones([*aorta, *lung, *caval, *arch], _BLOOD_HU)
    canvas.paint_cones(gullet, _MUSCLE_HU)


def paint_airways(canvas: Canvas, m: Measures) -> None:
    """Paint the walls of windpipe and bronchi, then the air in them."""
    z = m.carina_z
    tubes = _tube([(0, -6, 400), (0, 2, z + 70), (0, 8, z)], 10.0)
    tubes += [Cone((0, 8, z), (-24, 9, z - 18), 8.0, 7.2), Cone((-24, 9, z - 18), (-40, 6, z - 40), 6.2, 5.0)]
    tubes += [Cone((-24, 9, z - 18), (-48, 2, z - 4), 5.4, 3.6), Cone((-40, 6, z - 40), (-55, 26, z - 66), 4.2, 2.8)]
    tubes += [Cone((0, 8, z), (38, 14, z - 24), 7.6, 6.4), Cone((38, 14, z - 24), (56, 28, z - 62), 5.0, 2.8)]
    tubes += [Cone((38, 14, z - 24), (56, -8, z - 8), 4.8, 3.2)]
    canvas.paint_cones(tubes, _WALL_HU, only_raise=True)
    canvas.paint_cones(tubes, _AIR_HU, inset_mm=_WALL_MM)


def _tube(points: list[Point], radius_mm: float) -> list[Cone]:
    return [Cone(a, b, radius_mm, radius_mm) for a, b in pairwise(points)]
