from __future__ import annotations

import pytest

from resmtnet.pipelines.inference.backends.room import Cutting, Room, less_room, remarks

CUTTING = Cutting(max_voxels=24_000_000, least_voxels=2_000_000, halo=32, step=16)
SCAN = (1, 2, 320, 256, 256)  # 21 million voxels


def steps(shape: tuple[int, ...], *, movable: bool, cutting: Cutting = CUTTING) -> list[Room]:
    room: Room | None = Room(cutting.max_voxels)
    tried = []
    while (room := less_room(room, shape, cutting, movable=movable)) is not None:
        tried.append(room)
    return tried


def test_regions_are_halved_until_the_slabs_can_be_no_thinner():
    # 10.5 million: 160 slices, 96 of them core; 5.2 million: 80 slices, 16 of them core, the thinnest there is
    assert steps(SCAN, movable=False) == [Room(10_485_760), Room(5_242_880)]


def test_regions_are_never_smaller_than_the_least():
    cutting = Cutting(24_000_000, 6_000_000, 32, 16)
    assert steps(SCAN, movable=False, cutting=cutting) == [Room(10_485_760)]
    assert steps((1, 2, 16, 16, 16), movable=False) == []


def test_the_cpu_comes_last_and_starts_with_all_the_room():
    on_cpu = steps(SCAN, movable=True)[2:]
    assert on_cpu == [
        Room(24_000_000, on_cpu=True),
        Room(10_485_760, on_cpu=True),
        Room(5_242_880, on_cpu=True),
    ]


def test_images_of_a_batch_go_one_by_one_first():
    assert steps((8, 2, 48, 48, 48), movable=False) == [Room(24_000_000, one_by_one=True)]


@pytest.mark.parametrize(
    ("room", "codes"),
    [
        (Room(100), []),
        (Room(50), ["W_SMALLER_REGIONS"]),
        (Room(100, one_by_one=True), ["W_SMALLER_REGIONS"]),
        (Room(100, on_cpu=True), ["W_RAN_ON_CPU"]),
        (Room(50, on_cpu=True), ["W_SMALLER_REGIONS", "W_RAN_ON_CPU"]),
    ],
)
def test_what_is_said(room, codes):
    assert list(remarks(room, 100)) == codes
