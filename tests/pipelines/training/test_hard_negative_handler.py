from __future__ import annotations

from types import SimpleNamespace

import torch

from resmtnet.networks.losses import Targets, pack_targets
from resmtnet.networks.packing import PACKED_CHANNELS, HeadMaps
from resmtnet.pipelines.training.hard_negative_handler import HardNegativeHandler, worst_false_positive
from resmtnet.pipelines.training.patch_batch_sampler import PatchBatchSampler

CELLS = (4, 4, 4)


def batch_of(n: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Output that says 'nothing' (presence logit -10), and targets without a nodule, all known."""
    packed = torch.zeros(n, PACKED_CHANNELS, *CELLS)
    packed[:, 0] = -10
    maps = HeadMaps(
        torch.zeros(n, 1, *CELLS), torch.zeros(n, 6, *CELLS), torch.zeros(n, 1, 16, 16, 16), torch.zeros(n, 12, *CELLS)
    )
    one = torch.ones(n, 1, *CELLS)
    return packed, pack_targets(Targets(maps, one, one, one, torch.ones(n, 2, *CELLS)))


def test_only_presence_where_nothing_is_and_where_that_is_known_counts():
    packed, targets = batch_of(5)
    packed[:, 0, 1, 2, 3] = 2.0
    targets[1, 0, 1, 2, 3] = 1.0  # a nodule's centre
    targets[2, 0, 1, 2, 3] = 0.3  # beside one
    targets[3, -5, 1, 2, 3] = 0.0  # not known: the first weight is that of presence
    packed[4, 0, 1, 2, 3] = float("nan")
    expected = torch.sigmoid(torch.tensor([2.0, -10, -10, -10, -10]))
    torch.testing.assert_close(worst_false_positive(packed, targets), expected)


def feed(handler: HardNegativeHandler, numbers: list[int], logits: list[float]) -> None:
    packed, targets = batch_of(len(numbers))
    packed[:, 0, 0, 0, 0] = torch.tensor(logits)
    state = SimpleNamespace(batch={"number": torch.tensor(numbers)}, output={"pred": packed, "label": targets}, epoch=1)
    handler.look(SimpleNamespace(state=state))


def test_the_hardest_wide_patches_come_first_and_easy_ones_not_at_all():
    sampler = PatchBatchSampler(4, 2, kinds=2, hard_share=0.5)  # room for two
    handler = HardNegativeHandler(sampler)
    engine = SimpleNamespace(state=SimpleNamespace(epoch=1))
    handler.start(engine)
    feed(handler, [0, 2], [0.0, 3.0])
    feed(handler, [1, 3], [9.0, 9.0])  # close looks are not mined
    feed(handler, [4, 6], [-5.0, 1.0])
    handler.hand_over(engine)
    assert sampler.state_dict()["hard"] == [2, 6]
    handler.start(engine)  # a new epoch forgets the last one
    feed(handler, [8, 10], [-5.0, 1.0])
    handler.hand_over(engine)
    assert sampler.state_dict()["hard"] == [10]
