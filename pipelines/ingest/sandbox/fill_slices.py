"""Some slices of a DICOM series, decoded into shared memory."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ..header.slice_header import PixelLayout
from ..pixels.rescale_slice import rescale_slice
from ..pixels.stored_slices import stored_slices


def fill_slices(body: Mapping[str, Any], memory: memoryview, report: Callable[[int], None]) -> tuple[int, int]:
    """Decode the slices that ``body`` names, each to its row of ``memory``, and tell of each before it is begun.

    Returns
    -------
    tuple of int
        1 where values were clipped below, and above.

    Raises
    ------
    IngestError
        What decoding found.
    """
    out = np.frombuffer(memory, body["dtype"]).reshape(-1, *body["shape"])
    slices = body["slices"]
    layouts = [PixelLayout(**one["pixels"]) for one in slices]
    paths = [Path(os.fsdecode(one["path"])) for one in slices]
    stored = stored_slices(zip(paths, layouts, strict=True))
    too_low = too_high = False
    for n, (one, layout) in enumerate(zip(slices, layouts, strict=True)):
        report(n)
        low, high = rescale_slice(next(stored), layout.slope or 0.0, layout.intercept or 0.0, out[one["row"]])
        too_low, too_high = too_low or low, too_high or high
    return int(too_low), int(too_high)
