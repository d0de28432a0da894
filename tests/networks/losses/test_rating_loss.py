import math
from itertools import pairwise

import pytest
import torch

from resmtnet.networks.losses.rating_loss import rating_loss

SCORES = torch.tensor([0.0, 0.25, 0.5, 0.25, 0.0])
ATTRIBUTE = 0.3


def cell(scores: torch.Tensor, attributes: torch.Tensor) -> torch.Tensor:
    return torch.cat([scores, attributes]).reshape(1, 12, 1, 1, 1)


def entropy(p: float) -> float:
    return -p * math.log(p) - (1 - p) * math.log(1 - p)


TARGET = cell(SCORES, torch.full((7,), ATTRIBUTE))
BEST = cell(torch.log(SCORES + 1e-9), torch.full((7,), math.log(ATTRIBUTE / (1 - ATTRIBUTE))))
BOTH = torch.ones(1, 2, 1, 1, 1)


def test_it_is_least_at_the_readers_own_distribution():
    scores = -sum(p * math.log(p) for p in (0.25, 0.5, 0.25))
    thresholds = (0 + entropy(0.75) + entropy(0.25) + 0) / 4  # shares above 1, 2, 3, 4: 1, 3/4, 1/4, 0
    least = scores + thresholds + entropy(ATTRIBUTE)
    assert rating_loss(BEST, TARGET, BOTH).item() == pytest.approx(least, rel=1e-4)
    torch.manual_seed(0)
    assert all(rating_loss(BEST + torch.randn_like(BEST), TARGET, BOTH) > least for _ in range(10))


def test_a_wrong_score_costs_more_the_further_away_it_is():
    target = cell(torch.eye(5)[1], torch.full((7,), ATTRIBUTE))
    costs = [rating_loss(cell(4 * torch.eye(5)[s], torch.zeros(7)), target, BOTH).item() for s in range(1, 5)]
    assert min(b - a for a, b in pairwise(costs)) > 0.3


def test_q_above_one_shifts_the_distribution_up_but_not_beyond_that_of_the_thresholds_alone():
    q = 3.0
    logits = torch.zeros(1, 12, 1, 1, 1, dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.LBFGS([logits], max_iter=200, line_search_fn="strong_wolfe")
    readers = torch.tensor([0.1, 0.2, 0.4, 0.2, 0.1], dtype=torch.float64)
    target = cell(readers, torch.full((7,), ATTRIBUTE)).double()

    def closure() -> torch.Tensor:
        optimiser.zero_grad()
        loss = rating_loss(logits, target, BOTH.double(), q=q)
        loss.backward()
        return loss

    optimiser.step(closure)
    p = torch.softmax(logits.detach()[0, :5].flatten(), 0)
    for t in range(1, 5):
        share = float(readers[t:].sum())
        assert share + 0.01 < float(p[t:].sum()) < q * share / (q * share + 1 - share) - 0.01


def test_cells_without_weight_do_not_count_and_weights_average():
    torch.manual_seed(0)
    logits, target = torch.randn(1, 12, 1, 1, 3), torch.cat([TARGET, TARGET.flip(1), TARGET], dim=4)
    target[:, :5] /= target[:, :5].sum(1, keepdim=True)
    weight = torch.tensor([0.5, 0.25, 0.0]).expand(1, 2, 1, 1, 3)
    single = [rating_loss(logits[..., i : i + 1], target[..., i : i + 1], BOTH).item() for i in range(2)]
    assert rating_loss(logits, target, weight).item() == pytest.approx((2 * single[0] + single[1]) / 3, rel=1e-5)


@pytest.mark.parametrize("known", [0, 1])
def test_malignancy_and_attributes_are_masked_apart(known):
    logits = torch.randn(1, 12, 1, 1, 1, requires_grad=True)
    weight = torch.zeros_like(BOTH)
    weight[:, known] = 1
    (gradient,) = torch.autograd.grad(rating_loss(logits, TARGET, weight), logits)
    halves = gradient[:, :5].abs().sum().item(), gradient[:, 5:].abs().sum().item()
    assert halves[known] > 0
    assert halves[1 - known] == 0
