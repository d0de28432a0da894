"""A scan with its nodules on axes that run along the patient's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ...transforms.canonical import canonical_of
from ...transforms.grid import Grid
from ..ingest.ingest_error import IngestError
from ..ingest.read_volume import read_volume
from ..records import SeriesPlan
from .data_list import NoduleLabel, Point, ScanLabel
from .nodule_mask import NoduleMask, read_nodule_mask

POINT_MM = 5.0
"""Diameter given to a nodule of which only a place is known, where others must keep away from it."""


@dataclass(frozen=True, eq=False)
class LabelledVolume:
    """HU ``(k, j, i)``, axes nearest to head, back and left; ``masks`` by nodule id, on the same grid."""

    scan: ScanLabel
    hu: npt.NDArray[np.int16]
    grid: Grid
    masks: Mapping[str, NoduleMask]


def read_labelled(scan: ScanLabel, plan: SeriesPlan, folder: Path) -> LabelledVolume:
    """Read a scan and the masks of its nodules; no voxel is interpolated.

    Raises
    ------
    IngestError
        The scan or a mask cannot be read, or a mask is empty or not on the scan's voxels.
    """
    volume = read_volume(plan)
    k, j, i = volume.hu.shape
    source = Grid((k, j, i), volume.affine_lps)
    canonical = canonical_of(source)
    hu = np.ascontiguousarray(canonical.view(volume.hu))
    if hu.dtype != np.int16:
        limits = np.iinfo(np.int16)
        hu = np.clip(np.rint(hu), limits.min, limits.max).astype(np.int16)
    grid = canonical.grid(source)
    masks = {n.nodule_id: read_nodule_mask(folder / n.mask, grid) for n in scan.nodules if n.mask is not None}
    for nodule_id, mask in masks.items():
        if not mask.bits.any():
            raise IngestError("E_LABEL_EMPTY", f"(the mask of {nodule_id})")
    return LabelledVolume(scan, hu, grid, masks)


def majority(mask: NoduleMask) -> npt.NDArray[np.bool_]:
    """Return the voxels that at least half of a mask's readers outlined; any of them where no voxel has half."""
    bits = [(mask.bits >> q) & 1 for q in range(8)]
    readers = sum(bool(bit.any()) for bit in bits)
    agreed = np.asarray(2 * np.sum(bits, axis=0) >= max(readers, 1))
    return agreed if agreed.any() else mask.bits > 0


def nodule_voxels(volume: LabelledVolume, nodule: NoduleLabel) -> NoduleMask:
    """Return the nodule's mask, or where nobody outlined it the ellipsoid in its box (a ball of 5 mm at least)."""
    if nodule.nodule_id in volume.masks:
        return volume.masks[nodule.nodule_id]
    edge = nodule.diameter_mm or POINT_MM
    return ellipsoid(volume.grid, nodule.centre_lps_mm, nodule.size_mm or (edge, edge, edge))


def ellipsoid(grid: Grid, centre_lps_mm: Point, edges_mm: Point) -> NoduleMask:
    """Give the voxels whose centres lie in an ellipsoid along the patient's axes; at least the central one."""
    reach = max(edges_mm) / 2 / np.array(grid.spacing_mm[::-1]) + 1
    centre = grid.to_ijk([centre_lps_mm])[0][::-1]
    low = np.clip(np.floor(centre - reach).astype(int), 0, grid.shape_kji)
    high = np.clip(np.ceil(centre + reach).astype(int) + 1, low, grid.shape_kji)
    k, j, i = (int(value) for value in low)
    inside = np.zeros(high - low, np.uint8)
    for n in range(len(inside)):  # slice by slice: a large place would take many times the scan's memory
        places = np.argwhere(np.ones((1, *inside.shape[1:]), bool)) + np.array([k + n, j, i])
        off = (grid.to_lps(places[:, ::-1]) - centre_lps_mm) / (np.array(edges_mm) / 2)
        within = ((off**2).sum(axis=1) <= 1) | (np.abs(places - centre).max(axis=1, initial=0) <= 0.5)
        inside[n] = within.reshape(inside.shape[1:])
    return NoduleMask((k, j, i), inside)
