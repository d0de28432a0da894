"""How much goes through the network at once, and what is tried where memory is short."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import prod

from ..slabs import plan_slabs

SMALLER_REGIONS, ON_CPU = "W_SMALLER_REGIONS", "W_RAN_ON_CPU"


@dataclass(frozen=True)
class Room:
    """What one call of the network may take.

    max_voxels : of one image, halo counted.
    one_by_one : the images of a batch go alone.
    on_cpu : the network was moved to the CPU.
    """

    max_voxels: int
    one_by_one: bool = False
    on_cpu: bool = False


@dataclass(frozen=True)
class Cutting:
    """How regions are cut into slabs; see :func:`.plan_slabs`. Fewer voxels than ``least_voxels`` are not tried."""

    max_voxels: int
    least_voxels: int
    halo: int
    step: int


def less_room(room: Room, shape: Sequence[int], cutting: Cutting, *, movable: bool) -> Room | None:
    """Return what to try next for images ``(b, c, d, h, w)``, None where nothing is left.

    One image at a time, then regions of half the voxels, and again, down to ``least_voxels`` or the thinnest slab, then
    the CPU, if the network is not there yet (``movable``), where it starts with ``max_voxels`` again.
    """
    if shape[0] > 1 and not room.one_by_one:
        return replace(room, one_by_one=True)
    halved = _halved(room.max_voxels, shape[2:], cutting)
    if halved is not None:
        return replace(room, max_voxels=halved)
    return Room(cutting.max_voxels, on_cpu=True) if movable and not room.on_cpu else None


def _halved(now: int, shape_kji: Sequence[int], cutting: Cutting) -> int | None:
    slabs = plan_slabs(shape_kji, now, halo=cutting.halo, step=cutting.step)
    voxels = min(now, prod(shape_kji)) // 2
    while voxels >= cutting.least_voxels:
        if plan_slabs(shape_kji, voxels, halo=cutting.halo, step=cutting.step) != slabs:
            return voxels
        voxels //= 2
    return None


def remarks(room: Room, max_voxels: int) -> dict[str, str]:
    """Say by code what a case had to do without; nothing where it had all the room there is."""
    said = {}
    if room.one_by_one or room.max_voxels < max_voxels:
        said[SMALLER_REGIONS] = (
            f"for want of memory at most {room.max_voxels / 1e6:.1f} million voxels, of one image, went through the "
            "network at once"
        )
    if room.on_cpu:
        said[ON_CPU] = "for want of memory on the device the network ran on the CPU"
    return said
