"""How a region is cut into slabs along k."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True)
class Slab:
    """Slices ``start`` to ``stop`` go through the network, ``core_start`` to ``core_stop`` of them are kept."""

    start: int
    stop: int
    core_start: int
    core_stop: int

    def core_of(self, output: Tensor) -> Tensor:
        """Cut the output ``(b, c, (stop - start) / stride, ...)`` down to the core, as a copy that frees the rest."""
        stride = (self.stop - self.start) // output.shape[2]
        first, last = (self.core_start - self.start) // stride, (self.core_stop - self.start) // stride
        return output if last - first == output.shape[2] else output[:, :, first:last].clone()


def plan_slabs(shape_kji: Sequence[int], max_voxels: int, *, halo: int, step: int) -> list[Slab]:
    """Cut ``shape_kji`` into the fewest slabs of at most ``max_voxels`` (halo counted), cores aligned to ``step``.

    The cores are about equally thick, and never thinner than ``step`` even where that exceeds ``max_voxels``.
    """
    depth, height, width = shape_kji
    if depth * height * width <= max_voxels:
        return [Slab(0, depth, 0, depth)]
    thickest = max((max_voxels // (height * width) - 2 * halo) // step * step, step)
    n_slabs = -(-depth // thickest)
    core = -(-depth // (n_slabs * step)) * step
    starts = range(0, depth, core)
    return [_slab(start, min(start + core, depth), depth, halo) for start in starts]


def _slab(core_start: int, core_stop: int, depth: int, halo: int) -> Slab:
    return Slab(max(core_start - halo, 0), min(core_stop + halo, depth), core_start, core_stop)
