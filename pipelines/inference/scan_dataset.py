"""The scans of a folder, prepared for the network."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
from torch.utils.data import IterableDataset

from ...transforms.grid import Grid, to_metatensor
from ..records import Volume
from .case_failure import unforeseen_failure
from .read_scan import ReadScan

Case = dict[str, Any]


class ScanDataset(IterableDataset[Case]):
    """Yield each scan of ``data`` as a dictionary, after ``transform``.

    ``image`` is the CT in HU, a MetaTensor ``(1, k, j, i)``, as the transform left it; ``volume``, ``plan`` and
    ``timings_s`` come along. A scan that could not be read or prepared has a ``result`` instead of an ``image``.
    """

    def __init__(self, data: Iterable[ReadScan], transform: Callable[[Case], Case] | None = None) -> None:
        super().__init__()
        self.data = data
        self.transform = transform

    def __iter__(self) -> Iterator[Case]:
        for scan in self.data:
            yield self._prepare(scan)
            del scan  # the reader already holds the next one

    def _prepare(self, scan: ReadScan) -> Case:
        case: Case = {"plan": scan.plan, "timings_s": {"read": scan.read_s}}
        if scan.volume is None:
            return {**case, "result": scan.failure}
        began = time.perf_counter()
        case |= {"volume": scan.volume, "image": image_of(scan.volume)}
        try:
            prepared = case if self.transform is None else self.transform(case)
        except Exception as error:  # noqa: BLE001  # one bad scan never stops the rest
            return {**case, "result": unforeseen_failure(scan.plan, "F_PREPARE", error)}
        return {**prepared, "timings_s": {**case["timings_s"], "prepare": time.perf_counter() - began}}


def image_of(volume: Volume) -> Any:
    """Volume as MetaTensor ``(1, k, j, i)`` in HU; shares the voxels."""
    k, j, i = volume.hu.shape
    return to_metatensor(volume.hu[np.newaxis], Grid((k, j, i), volume.affine_lps))
