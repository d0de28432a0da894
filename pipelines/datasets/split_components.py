"""A mask of several nodules to a mask of each."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from ..ingest.ingest_error import IngestError
from ..records import Index
from .label_limits import MOST_NODULES
from .nodule_mask import NoduleMask

_ANY_NEIGHBOUR = np.ones((3, 3, 3), bool)


def split_components(voxels: npt.NDArray[np.bool_], start_kji: Index) -> list[NoduleMask]:
    """Give what hangs together (26 neighbours) in ``(k, j, i)`` as masks of one reader, the largest first.

    ``start_kji`` is where ``voxels`` starts in the image.

    Raises
    ------
    IngestError
        ``E_LABEL_VALUE`` where there are more than any scan has nodules.
    """
    labels, found = ndimage.label(voxels, _ANY_NEIGHBOUR)
    if found > MOST_NODULES:
        raise IngestError("E_LABEL_VALUE", f"(found {found} parts in a mask, expected at most {MOST_NODULES} nodules)")
    masks = []
    for n, box in enumerate(ndimage.find_objects(labels), 1):
        k, j, i = (int(first + side.start) for first, side in zip(start_kji, box, strict=True))
        masks.append(NoduleMask((k, j, i), (labels[box] == n).astype(np.uint8)))
    return sorted(masks, key=lambda mask: (-int(np.count_nonzero(mask.bits)), mask.start_kji))
