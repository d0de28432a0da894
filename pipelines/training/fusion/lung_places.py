"""Places without a nodule: in the patch of one, and in whole chests."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy import ndimage
from scipy.spatial import cKDTree

from ..background import Background
from ..lidc_nodules import LidcRecord

Places = npt.NDArray[np.intp]

CLEAR_MM = 15.0
"""Distance from every known lesion."""
_BORDER_MM = 20.0
"""Distance from the border of a patch: half of what is seen around a place."""
_LUNG_HU = -600
_AROUND_MM, _LEAST_LUNG = 8.0, 0.3
"""A place holds lung if so much of its surroundings is as thin as lung."""
_MOST_PLACES = 20_000
_DENSE_SHARE, _DENSEST_OF = 0.5, 8
"""Share of places chosen as the densest of so many: vessels and scars, which is what a detector takes for nodules."""


def patch_places(record: LidcRecord, others_kji: Sequence[npt.ArrayLike] = ()) -> Places:
    """Return rows and columns ``(n, 2)`` of a patch with lung and no known nodule; none where not all are known.

    Parameters
    ----------
    others_kji : centres (k, j, i; voxels of the patch) of other nodules of the scan, wherever they lie.
    """
    if not record.complete:
        return np.empty((0, 2), np.intp)
    x, y, _ = record.spacing_mm
    lesion = (record.readers > 0).any(axis=0)
    if record.others is not None:
        lesion |= (record.others > 0).any(axis=0)
    rows, columns = np.ogrid[: lesion.shape[0], : lesion.shape[1]]
    centre, edges = record.place
    reach_mm = 0.0 if edges is None else float(edges[1:].max() * max(x, y)) / 2
    far = np.ones(lesion.shape, bool)
    for (_, j, i), reach in [(centre, reach_mm), *((np.asarray(o, float), 0.0) for o in others_kji)]:
        far &= ((rows - j) * y) ** 2 + ((columns - i) * x) ** 2 >= (CLEAR_MM + reach) ** 2
    if lesion.any():
        far &= ndimage.distance_transform_edt(~lesion, sampling=(y, x)) >= CLEAR_MM
    thin = (record.hu[len(record.hu) // 2] < _LUNG_HU).astype(np.float32)
    far &= ndimage.uniform_filter(thin, (round(_AROUND_MM / y), round(_AROUND_MM / x))) >= _LEAST_LUNG
    room_j, room_i = round(_BORDER_MM / y), round(_BORDER_MM / x)
    inner = (slice(room_j, -room_j), slice(room_i, -room_i))
    return np.asarray(np.argwhere(far[inner]) + np.array([room_j, room_i]))


def chest_places(background: Background, rng: np.random.Generator) -> Places:
    """Return voxels ``(n, 3)`` (k, j, i) of a chest's lung that lie away from its lesions, known and unknown."""
    places = np.argwhere(background.lung)
    places = places[rng.permutation(len(places))[:_MOST_PLACES]]
    masks = [mask for mask in (background.tumour, background.unknown) if mask is not None and mask.any()]
    for mask in masks:
        surface = mask & ~ndimage.binary_erosion(mask)
        distance, _ = cKDTree(np.argwhere(surface)).query(places, distance_upper_bound=CLEAR_MM)
        places = places[(distance >= CLEAR_MM) & ~mask[tuple(places.T)]]
    return places


def choose_place(places: Places, hu: npt.NDArray[np.generic], rng: np.random.Generator) -> Places:
    """Choose one of the places ``(n, axes)`` in ``hu``, which may be the densest of a few."""
    n = _DENSEST_OF if rng.random() < _DENSE_SHARE else 1
    some = places[rng.integers(len(places), size=n)]
    chosen: Places = some[int(np.argmax(hu[tuple(some.T)]))]
    return chosen
