from __future__ import annotations

import pytest
import torch

from resmtnet.pipelines.images.mirrored_inferer import MirroredInferer
from resmtnet.pipelines.inference.images.in_batches import InBatches


class Doubles:
    """Doubles images, as many at once as there is room for; counts how many came each time."""

    def __init__(self, room: int, error: Exception) -> None:
        self.room, self.error, self.seen = room, error, list[int]()

    def __call__(self, images):
        self.seen.append(len(images))
        if len(images) > self.room:
            raise self.error
        return 2 * images


IMAGES = torch.arange(11 * 6).reshape(11, 1, 2, 3).float()
SHORT = torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB")


@pytest.mark.parametrize("mirrors", [1, 2])
def test_a_few_at_a_time(mirrors):
    network = Doubles(99, SHORT)
    assert torch.equal(InBatches(MirroredInferer(mirrors), batch_size=4)(IMAGES, network), 2 * IMAGES)
    assert network.seen == [n for n in (4, 4, 3) for _ in range(mirrors)]


def test_fewer_where_memory_is_short():
    network = Doubles(2, SHORT)
    assert torch.equal(InBatches(MirroredInferer(1), batch_size=7)(IMAGES, network), 2 * IMAGES)
    assert network.seen == [7, 4, 2, 2, 3, 2, 1, 4, 2, 2]


def test_what_one_picture_has_no_room_for_is_an_error():
    with pytest.raises(torch.OutOfMemoryError):
        InBatches(MirroredInferer(1))(IMAGES, Doubles(0, SHORT))


def test_another_error_is_not_tried_again():
    network = Doubles(2, RuntimeError("shapes do not match"))
    with pytest.raises(RuntimeError, match="shapes"):
        InBatches(MirroredInferer(1), batch_size=7)(IMAGES, network)
    assert network.seen == [7]
