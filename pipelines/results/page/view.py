"""A flat view of the patient, upright, from where a radiologist looks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..plane import AXIAL, CORONAL, SAGITTAL, FloatArray, Plane

_ALIGNED_COSINE = 0.99996  # half a degree: slices off by less are called axial, coronal or sagittal
_ASLANT = 0.26  # 15 degrees: an edge that points off by more is named by two letters
_ENDS = ("LR", "PA", "HF")  # plus and minus end of x, y and z in LPS


@dataclass(frozen=True, eq=False)
class View:
    """Unit vectors (LPS) to the right and down, and what the left, right, upper and lower edges are called."""

    name: str
    right: FloatArray
    down: FloatArray
    letters: tuple[str, ...]

    @property
    def normal(self) -> FloatArray:
        """Unit vector away from the reader."""
        return np.asarray(np.cross(self.right, self.down), dtype=np.float64)

    def flat(self, points_lps: FloatArray, centre_lps: FloatArray) -> FloatArray:
        """Return ``(n, 2)``: mm to the right of and below the centre."""
        return (np.asarray(points_lps) - centre_lps) @ np.stack([self.right, self.down]).T


def standard_view(plane: Plane) -> View:
    """Return the view of one of the three planes of the patient."""
    return View(plane.name, np.array(plane.right), np.array(plane.down), tuple(plane.letters))


STANDARD_VIEWS = tuple(standard_view(plane) for plane in (AXIAL, CORONAL, SAGITTAL))


def view_of_slices(affine_lps: FloatArray) -> View:
    """Return the view that shows the slices of a grid as they were made.

    One of the three standard views where the slices are parallel to it; else their own plane, turned as the nearest of
    the three is. Lines and columns of voxels may lie aslant in it.
    """
    normal = np.cross(affine_lps[:3, 0], affine_lps[:3, 1])
    normal = normal / np.linalg.norm(normal)
    nearest = max(STANDARD_VIEWS, key=lambda view: abs(float(view.normal @ normal)))
    if abs(float(nearest.normal @ normal)) >= _ALIGNED_COSINE:
        return nearest
    right = nearest.right - (nearest.right @ normal) * normal
    right /= np.linalg.norm(right)
    down = np.cross(normal, right)
    down *= np.sign(down @ nearest.down)
    edges = (-right, right, -down, down)
    return View("as acquired", right, down, tuple(map(_letters, edges)))


def _letters(direction: FloatArray) -> str:
    order = np.argsort(-np.abs(direction))
    return "".join(_ENDS[axis][int(direction[axis] < 0)] for axis in order if abs(direction[axis]) >= _ASLANT)
