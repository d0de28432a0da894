"""The slices of a CT volume that hold lung, as pictures."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ...transforms.canonical import canonical_of
from ...transforms.grid import Grid
from ...transforms.lungs import find_lungs
from ..ingest.choice.choose_series import plane_of
from ..ingest.ingest_error import IngestError
from ..records import Volume
from .picture import Picture
from .read_picture import digest_of


class SlicePicture(NamedTuple):
    """A picture of slice ``k`` of the source, whose middle stands at ``z_mm`` (LPS)."""

    k: int
    z_mm: float
    picture: Picture


def slice_pictures(
    volume: Volume, *, window_hu: tuple[float, float], min_lung_mm2: float
) -> tuple[tuple[SlicePicture, ...], tuple[str, ...]]:
    """Return the axial slices with at least ``min_lung_mm2`` of lung, from foot to head, and warnings.

    The patient's right is on the left of each picture and the front on top, however the voxels lie; HU go from 0 to 1
    over ``window_hu``. Lung is what :func:`.find_lungs` labels on its grid of about 3 mm, in the plane of that grid
    which is nearest to the slice. Where no lungs are found, or no slice holds so much, all slices are given
    (``W_LUNGS_NOT_FOUND``).

    Raises
    ------
    IngestError
        ``E_NOT_AXIAL``: slices more than 20 degrees off the axial plane.
    """
    k, j, i = volume.hu.shape
    source = Grid((k, j, i), volume.affine_lps)
    canonical = canonical_of(source)
    if plane_of(volume.plan) != "axial" or canonical.axes_kji[0] != 0:
        raise IngestError("E_NOT_AXIAL")
    seen, grid = canonical.view(volume.hu), canonical.grid(source)
    areas_mm2 = _lung_areas_mm2(volume, source, grid)
    with_lung = areas_mm2 >= min_lung_mm2
    codes = () if with_lung.any() else ("W_LUNGS_NOT_FOUND",)
    taken = np.flatnonzero(with_lung) if with_lung.any() else np.arange(len(seen))
    heights_mm = grid.to_lps([[(grid.shape_kji[2] - 1) / 2, (grid.shape_kji[1] - 1) / 2, n] for n in taken.tolist()])[
        :, 2
    ]
    low, high = window_hu
    pictures = []
    for n, z_mm in zip(taken.tolist(), heights_mm.tolist(), strict=True):
        grey = np.clip((seen[n].astype(np.float32) - low) / (high - low), 0, 1).astype(np.float32)
        picture = Picture(
            grey=grey,
            kind=volume.plan.kind,
            digest=digest_of(grey),
            frame=n,
            n_frames=len(seen),
            spacing_mm=(grid.spacing_mm[1], grid.spacing_mm[0]),
            modality="CT",
        )
        number = len(seen) - 1 - n if canonical.flipped_kji[0] else n
        pictures.append(SlicePicture(number, z_mm, picture))
    return tuple(pictures), codes


def _lung_areas_mm2(volume: Volume, source: Grid, seen: Grid) -> npt.NDArray[np.float64]:
    """Area of lung in each slice along the patient's axis, from the nearest plane of the coarse grid."""
    lungs = find_lungs(volume.hu, source)
    pixel_mm2 = lungs.grid.spacing_mm[0] * lungs.grid.spacing_mm[1]
    coarse_mm2 = np.count_nonzero(lungs.labels, axis=(1, 2)) * pixel_mm2
    middles = [[(seen.shape_kji[2] - 1) / 2, (seen.shape_kji[1] - 1) / 2, n] for n in range(seen.shape_kji[0])]
    planes = np.rint(lungs.grid.to_ijk(seen.to_lps(middles))[:, 2]).astype(int)
    nearest: npt.NDArray[np.float64] = coarse_mm2[np.clip(planes, 0, len(coarse_mm2) - 1)].astype(np.float64)
    return nearest
