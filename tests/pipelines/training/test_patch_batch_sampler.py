from __future__ import annotations

from collections import Counter

import pytest

from resmtnet.pipelines.training import patch_batch_sampler
from resmtnet.pipelines.training.patch_batch_sampler import PatchBatchSampler


def epochs(sampler: PatchBatchSampler, n: int) -> list[list[list[int]]]:
    drawn = []
    for epoch in range(n):
        sampler.set_epoch(epoch)
        drawn.append(list(sampler))
    return drawn


def test_kinds_alternate_and_do_not_mix_and_no_number_comes_twice():
    drawn = epochs(PatchBatchSampler(6, 4, kinds=2), 3)
    assert [len(batch) for epoch in drawn for batch in epoch] == [4] * 18
    assert [{n % 2 for n in batch} for batch in drawn[0]] == [{0}, {1}] * 3
    numbers = [n for epoch in drawn for batch in epoch for n in batch]
    assert len(set(numbers)) == len(numbers)


@pytest.mark.parametrize(("share", "close"), [(0.0, 0), (0.25, 25), (0.5, 50), (0.9, 90), (1.0, 100)])
def test_the_share_of_close_batches(share, close):
    (epoch,) = epochs(PatchBatchSampler(100, 2, kinds=2, close_share=share), 1)
    assert sum(batch[0] % 2 for batch in epoch) == close
    quarter = sum(batch[0] % 2 for batch in epoch[:25])
    assert abs(quarter - close / 4) <= 1  # spread evenly


def test_one_kind_uses_odd_numbers_too():
    (epoch,) = epochs(PatchBatchSampler(3, 2), 1)
    assert sorted(n for batch in epoch for n in batch) == [0, 1, 2, 3, 4, 5]


def test_hard_numbers_take_their_places_in_wide_batches_of_the_next_epoch():
    sampler = PatchBatchSampler(4, 4, kinds=2, hard_share=0.5)
    assert sampler.hard_numbers == 4  # two wide batches, two places each
    list(sampler)
    sampler.set_hard([6, 2, 4])
    sampler.set_epoch(1)
    wide = [batch for batch in sampler if batch[0] % 2 == 0]
    assert [batch[:2] for batch in wide] == [[6, 2], [4, wide[1][1]]]
    assert wide[1][1] > 6  # where there are too few, a fresh one
    assert list(sampler) == list(sampler)


def test_close_numbers_cannot_be_hard():
    with pytest.raises(ValueError, match="wide kind"):
        PatchBatchSampler(4, 4, kinds=2, hard_share=0.5).set_hard([2, 3])


def test_a_sampler_that_takes_over_the_state_draws_the_same():
    first, second = (PatchBatchSampler(4, 4, kinds=2, hard_share=0.5) for _ in range(2))
    first.set_epoch(3)
    first.set_hard([8, 2])
    second.load_state_dict(first.state_dict())
    assert list(first) == list(second)


@pytest.mark.parametrize("ranks", [2, 3])
def test_processes_draw_different_numbers_of_the_same_kinds(monkeypatch, ranks):
    drawn = []
    for rank in range(ranks):
        monkeypatch.setattr(patch_batch_sampler.idist, "get_rank", lambda rank=rank: rank)
        monkeypatch.setattr(patch_batch_sampler.idist, "get_world_size", lambda: ranks)
        sampler = PatchBatchSampler(4, 4, kinds=2, hard_share=0.25)
        sampler.set_hard([1000 + 2 * n for n in range(sampler.hard_numbers)])
        drawn.append([batch for epoch in epochs(sampler, 2) for batch in epoch])
    kinds = [[batch[0] % 2 for batch in one] for one in drawn]
    assert all(kind == kinds[0] for kind in kinds)
    times = Counter(n for one in drawn for batch in one for n in batch)
    assert {times[n] for n in times if n < 1000} == {1}
    assert sorted(n for n in times if n >= 1000) == [1000 + 2 * n for n in range(2 * ranks)]  # each dealt to one


@pytest.mark.parametrize("wrong", [{"kinds": 3}, {"close_share": 1.5}, {"hard_share": -0.1}])
def test_faulty_options(wrong):
    with pytest.raises(ValueError, match="found"):
        PatchBatchSampler(4, 4, **wrong)
