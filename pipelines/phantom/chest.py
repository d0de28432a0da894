"""An analytic chest CT with nodules of known place and size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.ndimage import gaussian_filter1d

from .airways import paint_airways, paint_great_vessels
from .anatomy import Anatomy, anatomy
from .canvas import Canvas, Cone
from .lattice import Float32
from .lung_vessels import lung_vessels
from .nodule import PhantomNodule
from .random_nodules import place_nodules
from .skeleton import paint_skeleton

_BLOOD_HU = 40.0
_TABLE_GAP_MM = 6.0
_NOISE_BLUR = (0.35, 0.65, 0.65)  # voxels; CT noise is smoother in the plane than across it
_DEMO_DIAMETERS_MM = (20.0, 14.0, 10.0, 8.0, 6.0)
_INT16 = (-1024, 3071)  # the range of a 12-bit scanner


@dataclass(frozen=True, eq=False)
class ChestPhantom:
    """A chest CT: ``hu`` int16 ``(k, j, i)``, its affine (voxel to LPS mm) and the truth about its nodules."""

    hu: npt.NDArray[np.int16]
    affine_lps: npt.NDArray[np.float64]
    nodules: tuple[PhantomNodule, ...]


def chest_phantom(
    *,
    seed: int = 0,
    nodules: Sequence[PhantomNodule] | None = None,
    spacing_mm: tuple[float, float, float] = (0.8, 0.8, 1.5),
    extent_mm: tuple[float, float, float] = (360.0, 360.0, 300.0),
    noise_hu: float = 20.0,
) -> ChestPhantom:
    """Draw the chest with this seed.

    Parameters
    ----------
    seed
        Chooses body, organs, vessels, texture and noise; the same seed gives the same voxels.
    nodules
        What to put in; None for a set of five, ``()`` for a chest without. All else stays as it is.
    spacing_mm, extent_mm
        Voxel size and size of the field of view along x, y, z.
    noise_hu
        Standard deviation of the noise.

    Raises
    ------
    ValueError
        Spacing or extent that is not positive.
    """
    if min(*spacing_mm, *extent_mm) <= 0:
        raise ValueError(f"spacing and extent must be positive, found {spacing_mm} and {extent_mm}")
    i, j, k = (max(round(extent / step), 1) for extent, step in zip(extent_mm, spacing_mm, strict=True))
    organs = anatomy(seed)
    vessels = lung_vessels(organs)
    if nodules is None:
        sizes = _DEMO_DIAMETERS_MM
        nodules = place_nodules(organs, vessels, len(sizes), diameters_mm=sizes, solid_only=True)
    placed = tuple(replace(n, lung_side=organs.side_of(n.centre_lps_mm)) for n in nodules)
    canvas = Canvas((k, j, i), spacing_mm)
    _paint(canvas, organs, vessels)
    for nodule in placed:
        nodule.paint(canvas)
    return ChestPhantom(_finish(canvas.hu, seed, noise_hu), canvas.affine_lps, placed)


def _paint(canvas: Canvas, organs: Anatomy, vessels: Sequence[Cone]) -> None:
    """Paint a chest without nodules."""
    _paint_table(canvas, organs)
    canvas.paint_layers(organs.lattice, organs.layers)
    paint_great_vessels(canvas, organs.measures)
    canvas.paint_cones(vessels, _BLOOD_HU, only_raise=True)
    paint_airways(canvas, organs.measures)
    paint_skeleton(canvas, organs)


def _paint_table(canvas: Canvas, organs: Anatomy) -> None:
    """Paint the table top: a curved sheet of carbon over foam."""
    top = organs.measures.half_depth + _TABLE_GAP_MM
    box = canvas.box((-210, top - 45, -1000), (210, top + 30, 1000))
    if box is None:
        return
    x, y, z = canvas.offsets(box, (0.0, top, 0.0))
    below = y + 28 * (x / 200) ** 2 + 0 * z
    for inset, hu in ((0.0, -150.0), (2.0, -930.0)):
        sheet = np.maximum(np.abs(below - 9) - 9 + inset, np.abs(x) - 200 + inset)
        canvas.paint_distance(box, sheet.astype(np.float32), hu)


def _finish(hu: Float32, seed: int, noise_hu: float) -> npt.NDArray[np.int16]:
    """Add band-limited noise and round to whole HU."""
    if noise_hu > 0:
        noise = np.random.default_rng([seed, 6]).standard_normal(hu.shape, dtype=np.float32)
        impulse = np.zeros(9)
        impulse[4] = 1
        for axis, sigma in enumerate(_NOISE_BLUR):
            gaussian_filter1d(noise, sigma, axis=axis, output=noise, mode="wrap", truncate=3.0)
            noise /= np.linalg.norm(gaussian_filter1d(impulse, sigma, truncate=3.0))
        noise *= noise_hu
        hu = hu + noise
    return np.clip(np.rint(hu), *_INT16).astype(np.int16)
