"""The image cases of a folder, prepared for the network."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import torch
from torch.utils.data import IterableDataset

from ...root_cause import root_cause
from .image_failure import unforeseen_image_failure
from .read_images import ReadImages

Case = dict[str, Any]


class ImageDataset(IterableDataset[Case]):
    """Yield each case of ``data`` as a dictionary: its pictures, each after ``transform``, as one batch.

    ``transform`` gets ``image`` as float32 ``(1, rows, columns)`` in [0, 1] and gives ``(channels, size, size)``;
    ``image`` of the case is ``(pictures, channels, size, size)``. ``read``, ``plan`` and ``timings_s`` come along. A
    case that could not be read or prepared has a ``result`` instead of an ``image``.
    """

    def __init__(self, data: Iterable[ReadImages], transform: Callable[[Case], Case]) -> None:
        super().__init__()
        self.data = data
        self.transform = transform

    def __iter__(self) -> Iterator[Case]:
        for read in self.data:
            yield self._prepare(read)

    def _prepare(self, read: ReadImages) -> Case:
        case: Case = {"plan": read.plan, "timings_s": {"read": read.read_s}}
        if read.failure is not None:
            return {**case, "result": read.failure}
        began = time.perf_counter()
        try:
            images = [self.transform({"image": torch.from_numpy(one.grey)[None]})["image"] for one in read.pictures]
            case |= {"read": read, "image": torch.stack(images)}
        except Exception as error:  # noqa: BLE001  # one bad case never stops the rest
            code = "F_OUT_OF_MEMORY" if isinstance(root_cause(error), MemoryError) else "F_PREPARE"
            return {**case, "result": unforeseen_image_failure(read.plan, code, error)}
        return {**case, "timings_s": {**case["timings_s"], "prepare": time.perf_counter() - began}}
