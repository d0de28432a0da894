"""Ribs, spine, breast bone, collar bones and shoulder blades."""

from __future__ import annotations

import numpy as np

from .anatomy import Anatomy, Measures
from .canvas import Canvas, Cone
from .lattice import Float32

_CORTEX_HU, _MARROW_HU, _DISC_HU, _CARTILAGE_HU = 560.0, 190.0, 85.0, 110.0
_CORTEX_MM = 1.6
_RIBS = 12
_RIB_PITCH_MM = 23.0
_VERTEBRA_MM = 25.0
_RIB_MM, _BLADE_MM = 6.0, 14.0  # middle of rib and shoulder blade outside the cage
_BONE_ANGLE = 2.35  # radians from the spine at which bone gives way to cartilage


def paint_skeleton(canvas: Canvas, anatomy: Anatomy) -> None:
    """Paint the bones of the chest."""
    m = anatomy.measures
    _paint_spine(canvas, m)
    bones, cartilage = _ribs(anatomy)
    canvas.paint_cones(cartilage, _CARTILAGE_HU, squeeze_z=0.6)
    for inset, hu in ((0.0, _CORTEX_HU), (_CORTEX_MM, _MARROW_HU)):
        canvas.paint_cones(bones, hu, inset_mm=inset, squeeze_z=0.6)
        canvas.paint_cones(_girdle(anatomy), hu, inset_mm=inset)
        _paint_sternum(canvas, m, hu, inset)


def _ribs(anatomy: Anatomy) -> tuple[list[Cone], list[Cone]]:
    """Ribs run round the cage, falling towards the front; their front ends are cartilage."""
    bones: list[Cone] = []
    cartilage: list[Cone] = []
    for number in range(_RIBS):
        top = 148 - number * _RIB_PITCH_MM
        last = 2.7 if number < 7 else 2.7 - 0.18 * (number - 6)
        for side in (-1, 1):
            angles = np.linspace(0.28, last, 26)
            points = np.array([_on_cage(anatomy, a, side, top - (92 - 2 * number) * _fall(a)) for a in angles])
            for a, p, q in zip(angles, points, points[1:], strict=False):
                rod = Cone(tuple(p), tuple(q), 4.2, 4.2)
                (bones if a < _BONE_ANGLE else cartilage).append(rod)
    return bones, cartilage


def _fall(angle: float) -> float:
    """Share of a rib's way down that is done at ``angle``; the cartilage rises again."""
    return float(np.sin(min(angle, _BONE_ANGLE) / _BONE_ANGLE * np.pi / 2) - 0.35 * max(angle - _BONE_ANGLE, 0))


def _on_cage(
    anatomy: Anatomy, angle: float, side: int, z: float, out_mm: float = _RIB_MM
) -> tuple[float, float, float]:
    """Return the point ``out_mm`` outside the cage, at ``angle`` from the spine (seen from the middle)."""
    reach = np.arange(20, 200, 1.0)
    line = np.stack([side * np.sin(angle) * reach, np.cos(angle) * reach, np.full_like(reach, min(z, 88))], axis=1)
    values = _linear_at(anatomy, line)
    radius = float(np.interp(out_mm, values, reach)) - 0.3 * max(z - 88, 0)
    return side * float(np.sin(angle)) * radius, float(np.cos(angle)) * radius, z


def _linear_at(anatomy: Anatomy, points: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> Float32:
    smooth = anatomy.lattice.at(anatomy.cage, points)
    kernel = np.ones(7) / 7  # the lattice is read at its nearest points
    padded = np.pad(smooth, 3, mode="edge")
    return np.maximum.accumulate(np.convolve(padded, kernel, mode="valid")).astype(np.float32)


def _paint_spine(canvas: Canvas, m: Measures) -> None:
    centre = np.array([0.0, m.spine_y, 0.0])
    box = canvas.box(centre + np.array([-26, -30, -500]), centre + np.array([26, 36, 500]))
    if box is None:
        return
    x, y, z = canvas.offsets(box, centre)
    waist = 1 + 0.08 * np.cos(2 * np.pi * z / _VERTEBRA_MM)
    body = (np.sqrt((x / 1.15) ** 2 + (y + 2) ** 2) - 15.5 * waist) * 1.0
    in_vertebra = np.abs((z + 200 * _VERTEBRA_MM) % _VERTEBRA_MM - _VERTEBRA_MM / 2) - (_VERTEBRA_MM / 2 - 2.5)
    canvas.paint_distance(box, np.asarray(body + 0 * z, dtype=np.float32), _DISC_HU)
    vertebra = np.maximum(body, in_vertebra).astype(np.float32)
    arch = np.abs(np.sqrt((x / 1.2) ** 2 + (y - 22) ** 2) - 11.5) - 2.8
    arch = np.maximum(arch, np.abs((z + 200 * _VERTEBRA_MM) % _VERTEBRA_MM - _VERTEBRA_MM / 2) - 9).astype(np.float32)
    rods = _processes(m)
    for inset, hu in ((0.0, _CORTEX_HU), (_CORTEX_MM, _MARROW_HU)):
        canvas.paint_distance(box, vertebra + np.float32(inset), hu)
        canvas.paint_distance(box, arch + np.float32(inset), hu)
        canvas.paint_cones(rods, hu, inset_mm=inset)
    canal = np.sqrt((x / 1.2) ** 2 + (y - 22) ** 2) - 8.5 + 0 * z
    canvas.paint_distance(box, canal.astype(np.float32), 15.0)


def _processes(m: Measures) -> list[Cone]:
    """Transverse and spinous processes."""
    rods = []
    for z in np.arange(-12, 13) * _VERTEBRA_MM - _VERTEBRA_MM / 2:
        back = m.spine_y + 30
        for side in (-1, 1):
            rods.append(Cone((side * 12.0, back - 2, z), (side * 31.0, back + 9, z + 4), 4.5, 4.5))
        rods.append(Cone((0.0, back + 4, z), (0.0, back + 20, z - 14), 3.6, 3.2))
    return rods


def _paint_sternum(canvas: Canvas, m: Measures, hu: float, inset: float) -> None:
    front = -(m.half_depth - 0.6 * m.fat - 12)
    box = canvas.box([-40, front - 20, -80], [40, front + 30, 110])
    if box is None:
        return
    x, y, z = canvas.offsets(box, (0.0, front, 0.0))
    tilt = y - 8 * np.clip(z - 20, 0, 80) / 80
    half = 14 + 12 * np.clip((z - 50) / 30, 0, 1)
    plate = np.maximum(np.maximum(np.abs(x) - half, np.abs(tilt) - 5.0), np.maximum(z - 92, -62 - z))
    canvas.paint_distance(box, (plate + inset).astype(np.float32), hu)


def _girdle(anatomy: Anatomy) -> list[Cone]:
    """Collar bones and shoulder blades."""
    front = -0.62 * anatomy.measures.half_depth
    rods = []
    for side in (-1, 1):
        rods.append(Cone((side * 24.0, front, 100.0), (side * 75.0, front + 8, 118.0), 7.0, 5.5))
        rods.append(Cone((side * 75.0, front + 8, 118.0), (side * 135.0, front + 45, 126.0), 5.5, 6.5))
        for step, angle in enumerate(np.linspace(0.52, 1.02, 16)):
            low, high = 26.0 + 3.2 * step, 112.0 - 0.6 * step
            bottom, top = (_on_cage(anatomy, angle, side, z, out_mm=_BLADE_MM) for z in (low, high))
            rods.append(Cone(bottom, (top[0], bottom[1] - 6, high), 2.6, 2.9))
    return rods
