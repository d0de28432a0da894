from __future__ import annotations

import math

import pytest
import torch

from resmtnet.pipelines.training.warmup_cosine import warmup_cosine


def rates(steps: int, *, stop: int | None = None, **options: float) -> list[float]:
    """The learning rate of each step; with ``stop``, new objects take over the state there."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.5)
    schedule = warmup_cosine(optimizer, steps=steps, **options)
    seen = []
    for n in range(steps):
        if n == stop:
            states = optimizer.state_dict(), schedule.state_dict()
            optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.5)
            schedule = warmup_cosine(optimizer, steps=steps, **options)
            optimizer.load_state_dict(states[0])
            schedule.load_state_dict(states[1])
        seen.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    return seen


def test_rates_follow_the_formulas():
    """The reference is the two formulas, written out."""
    seen = rates(100, warmup_share=0.1, last_share=0.01)
    rise = [0.5 * (0.04 + 0.96 * n / 10) for n in range(10)]
    fall = [0.005 + (0.5 - 0.005) * (1 + math.cos(math.pi * n / 90)) / 2 for n in range(90)]
    assert seen == pytest.approx(rise + fall, rel=1e-6)


@pytest.mark.parametrize("stop", [3, 10, 11, 60])
def test_a_resumed_schedule_gives_the_same_rates_exactly(stop):
    assert rates(100, stop=stop, warmup_share=0.1) == rates(100, warmup_share=0.1)


def test_a_schedule_of_two_steps():
    assert rates(2) == [0.02, 0.5]
    with pytest.raises(ValueError, match="found 1"):
        rates(1)
