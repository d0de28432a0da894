"""The measurements of one phantom chest and its large organs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.ndimage import gaussian_filter

from .canvas import Layer
from .lattice import STEP_MM, Float32, Lattice
from .nodule import Side

_SKIN_HU, _FAT_HU, _MUSCLE_HU, _SOFT_HU, _LIVER_HU = 10.0, -105.0, 52.0, 40.0, 62.0
_ROUND = 2.4  # exponent of the torso's outline: a little squarer than an ellipse
_NEAR_LUNG_MM = 5.0
_SMOOTH_MM = 5.0  # how far edges between organs are rounded


@dataclass(frozen=True)
class Measures:
    """Sizes and places in mm that differ from chest to chest."""

    seed: int
    half_width: float
    half_depth: float
    fat: float
    heart: tuple[float, float, float]
    right_dome: float
    left_dome: float
    carina_z: float
    spine_y: float
    lung_hu: float

    @classmethod
    def draw(cls, seed: int) -> Measures:
        """Draw the measures of the chest with this seed."""
        rng = np.random.default_rng([seed, 1])
        half_width, half_depth = rng.uniform(146, 166), rng.uniform(98, 114)
        return cls(
            seed=seed,
            half_width=half_width,
            half_depth=half_depth,
            fat=rng.uniform(7, 17),
            heart=(rng.uniform(50, 60), rng.uniform(38, 45), rng.uniform(46, 55)),
            right_dome=rng.uniform(-88, -68),
            left_dome=rng.uniform(-98, -80),
            carina_z=rng.uniform(28, 38),
            spine_y=half_depth - rng.uniform(60, 64),
            lung_hu=rng.uniform(-862, -825),
        )


@dataclass(frozen=True, eq=False)
class Anatomy:
    """The large organs of one chest: signed distances (mm, negative inside) on the lattice."""

    measures: Measures
    lattice: Lattice
    body: Float32
    cage: Float32
    right_lung: Float32
    left_lung: Float32
    layers: tuple[Layer, ...]

    @property
    def lungs(self) -> Float32:
        """Both lungs."""
        return np.minimum(self.right_lung, self.left_lung)

    def side_of(self, point_lps: tuple[float, float, float]) -> Side:
        """Return the lung that holds the point, "unknown" for a point further than 5 mm from either."""
        right = float(self.lattice.at(self.right_lung, point_lps)[0])
        left = float(self.lattice.at(self.left_lung, point_lps)[0])
        if min(right, left) > _NEAR_LUNG_MM:
            return "unknown"
        return "right" if right < left else "left"


def anatomy(seed: int) -> Anatomy:
    """Return the large organs of the chest with this seed."""
    m, lattice = Measures.draw(seed), Lattice.standard()
    body, cage = _body(m, lattice), _cage(m, lattice)
    belly = _belly(m, lattice)
    solid = np.minimum(_mediastinum(m, lattice), _heart(m, lattice, grow_mm=4.0))
    inside = _smooth_max(_smooth_max(cage, -belly), -solid)
    right, left = (_smooth_max(inside, _half(lattice, side)) for side in (-1, 1))
    lungs = np.minimum(right, left)
    layers = (
        *_wall(m, lattice, body, cage),
        *_abdomen(lattice, belly, cage),
        Layer(_heart(m, lattice, grow_mm=0.0), _SOFT_HU + 2),
        Layer(lungs, _lung_texture(m, lattice), fold_mm=_fissures(lattice)),
    )
    return Anatomy(m, lattice, body, cage, right, left, layers)


def _body(m: Measures, lattice: Lattice) -> Float32:
    x, y, z = lattice.mesh()
    width = m.half_width * (1 + 0.10 * _rise(z, 60, 150) - 0.03 * _rise(-z, 20, 150))
    depth = m.half_depth * (1 - 0.16 * _rise(z, 70, 170) - 0.02 * _rise(-z, 40, 150))
    level = (np.abs(x / width) ** _ROUND + np.abs((y + 4 * _rise(-z, 20, 150)) / depth) ** _ROUND) ** (1 / _ROUND)
    return lattice.distance(level - 1)


def _cage(m: Measures, lattice: Lattice) -> Float32:
    """Inner surface of the rib cage: two domes at the top, one for each lung, joined below."""
    x, y, z = lattice.mesh()
    width = m.half_width - m.fat - 24
    depth = m.half_depth - 0.6 * m.fat - 20
    oval = (np.abs(x / width) ** 2.2 + np.abs((y - 1) / depth) ** 2.2) ** (1 / 2.2)
    furrow = 0.10 * np.exp(-((x / 30) ** 2)) * _rise(-y, 0, depth)  # behind the breast bone
    level = oval + furrow + 0 * z
    domes = [_apex(x, y, z, side * 0.42 * width, width, depth) for side in (-1, 1)]
    tops = np.minimum(*domes)
    return _smooth_max(lattice.distance(level - 1), lattice.distance(tops - 1), 12.0)


def _apex(x: Float32, y: Float32, z: Float32, centre_x: float, width: float, depth: float) -> Float32:
    rise = np.maximum(z - 10, 0) / 118
    return np.asarray(np.sqrt(((x - centre_x) / (0.75 * width)) ** 2 + ((y - 8) / (1.15 * depth)) ** 2 + rise**2))


def _belly(m: Measures, lattice: Lattice) -> Float32:
    """Everything below the two domes of the diaphragm."""
    x, y, z = lattice.mesh()
    right = m.right_dome - 34 * ((x + 0.45 * m.half_width) / 65) ** 2
    left = m.left_dome - 34 * ((x - 0.45 * m.half_width) / 65) ** 2
    slope = 36 * ((y + 14) / 72) ** 2 * np.where(y > -14, 1.25, 0.5)
    top = np.maximum(np.maximum(right, left), min(m.right_dome, m.left_dome) - 14 + 0 * x) - slope
    return lattice.distance(gaussian_filter(np.asarray(z - top, dtype=np.float32), 1.0))


def _mediastinum(m: Measures, lattice: Lattice) -> Float32:
    """Return what lies between the lungs but for the heart: a wall, thin in front, and the spine behind it."""
    x, y, z = lattice.mesh()
    front = _rise(-y, 5, 60)
    half = 27 - 17 * front + 5 * np.exp(-(((z - 25) / 30) ** 2)) - 6 * _rise(z, 70, 130)
    wall = np.abs(x - 4 * front) - half
    spine = np.sqrt((x / 23) ** 2 + ((y - m.spine_y - 4) / 25) ** 2) - 1 + 0 * z
    behind = np.abs(x) - 12 - 2.2 * np.maximum(y - m.spine_y - 20, 0) + 0 * z
    gap = np.maximum(wall, y - m.spine_y)
    column = np.minimum(lattice.distance(spine), np.maximum(behind, m.spine_y - y))
    return _smooth_max(np.float32(-1) * gap, np.float32(-1) * column) * np.float32(-1)


def _heart(m: Measures, lattice: Lattice, *, grow_mm: float) -> Float32:
    """Heart, its tip to the left, to the front and down; with ``grow_mm`` the fat and sac around it."""
    x, y, z = lattice.mesh()
    x, y, z = x - 20, y + 0.25 * m.half_depth, z - m.right_dome - 52
    along, across = x * 0.78 - y * 0.36 - z * 0.51, x * 0.42 + y * 0.90 + 0 * z
    up = x * 0.46 - y * 0.21 + z * 0.86
    a, b, c = (size + grow_mm for size in m.heart)
    return lattice.distance(np.sqrt((along / a) ** 2 + (across / b) ** 2 + (up / c) ** 2) - 1)


def _wall(m: Measures, lattice: Lattice, body: Float32, cage: Float32) -> tuple[Layer, ...]:
    """Skin, fat, muscle, the fat between muscle and ribs, ribs' muscle, and the fat inside the cage."""
    x, y, z = lattice.mesh()
    rng = np.random.default_rng([m.seed, 2])
    fat = m.fat * (1 + 0.35 * np.cos(np.arctan2(y, np.abs(x) + 1e-3)) - 0.25 * _rise(y, 0, 100)) + 0 * z
    streaks = _texture(rng, lattice, smooth_mm=9.0) * 14
    muscle = _MUSCLE_HU + np.clip(_texture(rng, lattice, smooth_mm=5.0) * 24 - 22, -60, 4)
    return (
        Layer(body, _SKIN_HU),
        Layer(body, np.asarray(_FAT_HU + streaks, dtype=np.float32), grow_mm=-1.8),
        Layer(np.asarray(body + fat, dtype=np.float32), np.asarray(muscle, dtype=np.float32)),
        Layer(cage, _FAT_HU + 20, grow_mm=13.5),
        Layer(cage, _MUSCLE_HU, grow_mm=10.5),
        Layer(cage, _FAT_HU + 10, grow_mm=1.0),
    )


def _abdomen(lattice: Lattice, belly: Float32, cage: Float32) -> tuple[Layer, ...]:
    """Liver on the right, spleen and stomach on the left, in fat."""
    x, y, z = lattice.mesh()
    inside = np.maximum(belly, cage + 2)
    liver = _smooth_max(inside + 1.5, np.asarray(x - 12 - 0.35 * (y + 20) + 0 * z, dtype=np.float32))
    spleen = _smooth_max(inside + 2, np.asarray(32 - x + 0.3 * (25 - y) + 0 * z, dtype=np.float32))
    stomach = _smooth_max(inside + 5, np.asarray(np.maximum(26 - x, y - 18) + 0 * z, dtype=np.float32))
    return (
        Layer(inside, 20.0),
        Layer(inside, -95.0, grow_mm=-3.0),
        Layer(liver, _LIVER_HU),
        Layer(spleen, 52.0),
        Layer(stomach, 28.0),
    )


def _half(lattice: Lattice, side: int) -> Float32:
    x, y, z = lattice.mesh()
    return np.asarray(-side * x + 4 + 0 * y + 0 * z, dtype=np.float32)


def _lung_texture(m: Measures, lattice: Lattice) -> Float32:
    """Lung tissue: denser at the back and at the base, cloudy on two scales."""
    _, y, z = lattice.mesh()
    rng = np.random.default_rng([m.seed, 3])
    cloudy = _texture(rng, lattice, smooth_mm=14.0) * 10 + _texture(rng, lattice, smooth_mm=4.5) * 12
    return np.asarray(np.clip(m.lung_hu + 0.20 * y - 0.06 * z + cloudy, -930, -770), dtype=np.float32)


def _fissures(lattice: Lattice) -> Float32:
    """Distance to the oblique fissures of both lungs: wavy sheets that fall from the back to the front."""
    x, y, z = lattice.mesh()
    wave = 5 * np.sin(x / 17 + 0.6) + 4 * np.sin(y / 23)
    return np.asarray((z + 18 - 0.95 * y + wave + np.where(x > 0, 8, 0)) / 1.45, dtype=np.float32)


def _texture(rng: np.random.Generator, lattice: Lattice, *, smooth_mm: float) -> Float32:
    """Smooth noise with standard deviation 1."""
    shape = (len(lattice.z_mm), len(lattice.y_mm), len(lattice.x_mm))
    noise = gaussian_filter(rng.standard_normal(shape, dtype=np.float32), smooth_mm / STEP_MM, mode="wrap")
    return np.asarray(noise / noise.std(), dtype=np.float32)


def _rise(value: Float32, low: float, high: float) -> Float32:
    """Go smoothly from 0 at ``low`` to 1 at ``high``."""
    t = np.clip((value - low) / (high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), dtype=np.float32)


def _smooth_max(a: npt.NDArray[np.floating], b: npt.NDArray[np.floating], width_mm: float = _SMOOTH_MM) -> Float32:
    """Maximum of two distances with the edge rounded over ``width_mm``."""
    mix = np.maximum(width_mm - np.abs(a - b), 0) / width_mm
    return np.asarray(np.maximum(a, b) + mix * mix * width_mm / 4, dtype=np.float32)
