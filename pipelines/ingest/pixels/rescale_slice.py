"""Stored values of one slice to HU."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .volume_values import HIGHEST_HU, LOWEST_HU, HuArray

Stored = npt.NDArray[np.int16] | npt.NDArray[np.uint16]


def rescale_slice(stored: Stored, slope: float, intercept: float, out: HuArray) -> tuple[bool, bool]:
    """Write slope * stored + intercept (DICOM PS3.3 C.11.1.1.2), clipped to the range of HU, into ``out``.

    Returns
    -------
    tuple of bool
        Whether values were clipped below, and above.
    """
    ends = sorted(slope * float(end) + intercept for end in (stored.min(), stored.max()))
    too_low, too_high = ends[0] < LOWEST_HU, ends[1] > HIGHEST_HU
    if slope == 1 and out.dtype == np.int16 and not too_high and ends[0] >= np.iinfo(np.int16).min:
        # two's complement: the sum wraps to the right value although an operand may not fit
        np.add(stored.view(np.int16), np.int16(np.int64(intercept).astype(np.int16)), out=out)
        if too_low:
            np.maximum(out, LOWEST_HU, out=out)
    else:
        out[...] = np.clip(stored * np.float64(slope) + intercept, LOWEST_HU, HIGHEST_HU)
    return too_low, too_high
