"""Annotated nodules, each in a cube of its own surroundings, for evaluation."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.utils.data import Dataset

from ...transforms.grid import Grid
from ...transforms.resample import AIR_HU, resample
from ...transforms.window import window_hu
from ..training.lidc_nodules import LidcRecord, read_lidc_nodules
from ..training.slab import beyond

_SHIFT_MM = 10.0
"""Nodules are put off the middle by up to this, so that nothing is gained by looking there."""
_SPACING_MM = 1.0


class Cube(TypedDict):
    """``image`` ``(windows, d, h, w)`` on a 1 mm grid, and its number in the data set."""

    image: Tensor
    index: int


@dataclass(frozen=True, eq=False)
class CubeScene:
    """What a cube was made from, and what the readers say of it.

    hu : the patch's slices ``(k, j, i)`` on ``source``, continued above and below (float32).
    source, model : native grid, and that of the cube; axes towards left, back and head, origin anywhere.
    majority : the readers' majority on ``source``; None where nobody outlined the nodule.
    centre_lps_mm, edges_mm : of the annotated box (x, y, z), edges None where only a point is known.
    patch_k : first and behind-last slice of ``source`` that was in the patch.
    """

    hu: npt.NDArray[np.float32]
    source: Grid
    model: Grid
    majority: npt.NDArray[np.bool_] | None
    centre_lps_mm: npt.NDArray[np.float64]
    edges_mm: npt.NDArray[np.float64] | None
    patch_k: tuple[int, int]
    record: LidcRecord


class NoduleCubes(Dataset[Cube]):
    """One cube per nodule of a ``lidc_nodules`` folder; outlines are never used to make the image.

    Parameters
    ----------
    folder : of the ``lidc_nodules`` form.
    subsets : LUNA16 subsets to take; None for all in the folder.
    edge : of the cube, mm; divisible by 16.
    """

    def __init__(
        self,
        folder: str | Path,
        *,
        windows_hu: Sequence[tuple[float, float]],
        subsets: Collection[int] | None = None,
        edge: int = 80,
        seed: int = 0,
    ) -> None:
        self.records = list(read_lidc_nodules(Path(folder), subsets))
        self.windows_hu = [(float(a), float(b)) for a, b in windows_hu]
        self.edge, self.seed = edge, seed

    def __len__(self) -> int:
        return len(self.records)

    def __getitem__(self, index: int) -> Cube:
        scene = self.scene(index)
        hu = resample(scene.hu, scene.source, scene.model, fill=AIR_HU)
        return {"image": window_hu(torch.from_numpy(hu)[None], self.windows_hu), "index": index}

    def scene(self, index: int) -> CubeScene:
        """Return what cube ``index`` is made from."""
        record = self.records[index]
        hu, first_kji = _continued(record, self.edge / 2 + _SHIFT_MM)
        source = Grid((hu.shape[0], hu.shape[1], hu.shape[2]), np.diag([*record.spacing_mm, 1.0]))
        centre_kji, edges = record.place
        centre_lps = source.to_lps([(centre_kji + first_kji)[::-1]])[0]
        shift = np.random.default_rng([self.seed, index]).uniform(-_SHIFT_MM, _SHIFT_MM, 3)
        affine = np.diag([_SPACING_MM, _SPACING_MM, _SPACING_MM, 1.0])
        affine[:3, 3] = centre_lps + shift - (self.edge - 1) / 2 * _SPACING_MM
        majority = None
        if record.outlined:
            room = [(f, n - f - m) for f, n, m in zip(first_kji, hu.shape, record.hu.shape, strict=True)]
            majority = np.pad(record.majority, room)
        edges_mm = None if edges is None else edges[::-1] * record.spacing_mm
        model = Grid((self.edge, self.edge, self.edge), affine)
        patch_k = (first_kji[0], first_kji[0] + record.hu.shape[0])
        return CubeScene(hu, source, model, majority, centre_lps, edges_mm, patch_k, record)


def _continued(record: LidcRecord, reach_mm: float) -> tuple[npt.NDArray[np.float32], tuple[int, int, int]]:
    """Continue a patch by what a cube may show beside it; also where its first voxel then lies.

    Above and below stand made slices (:func:`.beyond`), in-plane the border is repeated.
    """
    x, y, z = record.spacing_mm
    k, j, i = (int(np.ceil(reach_mm / s)) for s in (z, y, x))
    ends = (np.broadcast_to(beyond(end, x), (k, *end.shape)) for end in (record.hu[0], record.hu[-1]))
    below, above = ends
    hu = np.concatenate([below, record.hu, above], dtype=np.float32)
    return np.pad(hu, ((0, 0), (j, j), (i, i)), mode="edge"), (k, j, i)
