from itertools import pairwise

import pytest
import torch

from resmtnet.networks.losses.ordinal_loss import ordinal_loss

READERS = torch.tensor([0.05, 0.2, 0.25, 0.4, 0.1], dtype=torch.float64)


def above(p: torch.Tensor) -> torch.Tensor:
    """P(score > t) for t = 1..4, by plain addition."""
    return torch.stack([p[t:].sum() for t in range(1, 5)])


def loss_of(p: torch.Tensor, q: float = 1.0) -> torch.Tensor:
    return ordinal_loss(p.log()[None], READERS[None].to(p), q)[0]


@pytest.mark.parametrize("q", [1.0, 3.0])
def test_it_equals_the_mean_cross_entropy_of_the_four_thresholds(q):
    p = torch.tensor([0.3, 0.1, 0.2, 0.1, 0.3], dtype=torch.float64)
    s, z = above(p), above(READERS)
    by_hand = -(q * z * s.log() + (1 - z) * (1 - s).log()).mean()
    assert loss_of(p, q).item() == pytest.approx(by_hand.item(), rel=1e-12)


@pytest.mark.parametrize("q", [0.5, 1.0, 3.0])
def test_its_least_is_where_the_closed_form_puts_the_cumulative_shares(q):
    z = above(READERS)
    shifted = q * z / (q * z + 1 - z)
    edges = torch.cat([torch.ones(1), shifted, torch.zeros(1)]).double()
    best = (edges[:-1] - edges[1:]).log().requires_grad_()
    least = ordinal_loss(best[None], READERS[None], q)[0]
    (gradient,) = torch.autograd.grad(least, best)
    torch.testing.assert_close(gradient, torch.zeros(5, dtype=torch.float64), rtol=0, atol=1e-12)
    torch.manual_seed(0)
    assert all(ordinal_loss((best + 0.3 * torch.randn(5))[None], READERS[None], q)[0] > least for _ in range(20))
    if q > 1:
        assert (shifted > z).all()
    elif q == 1:
        torch.testing.assert_close(torch.softmax(best, 0), READERS, rtol=1e-12, atol=0)


def test_a_wrong_score_costs_more_the_further_away_it_is():
    readers = torch.tensor([[1.0, 0.0, 0.0, 0.0, 0.0]])  # all say 1
    losses = [ordinal_loss(5.0 * torch.eye(5)[score][None], readers).item() for score in range(5)]
    assert losses == sorted(losses)
    assert min(b - a for a, b in pairwise(losses)) > 0.5


def test_scores_are_ordered_and_shuffling_them_changes_the_loss():
    order = [1, 0, 2, 3, 4]
    logits = torch.tensor([[2.0, -1.0, 0.5, 1.0, 0.0]]).double()
    assert ordinal_loss(logits[:, order], READERS[None][:, order])[0] != pytest.approx(
        ordinal_loss(logits, READERS[None])[0].item(), rel=1e-3
    )


def test_float32_agrees_with_float64_up_to_logits_of_50():
    torch.manual_seed(0)
    signs = torch.randint(-1, 2, (200, 5)) * 50.0
    target = torch.softmax(torch.randn(200, 5), dim=1)
    x32, x64 = signs.clone().requires_grad_(), signs.double().requires_grad_()
    loss32, loss64 = ordinal_loss(x32, target, 3.0), ordinal_loss(x64, target.double(), 3.0)
    torch.testing.assert_close(loss32.double(), loss64, rtol=1e-5, atol=1e-5)
    gradients = torch.autograd.grad(loss32.sum(), x32)[0], torch.autograd.grad(loss64.sum(), x64)[0]
    torch.testing.assert_close(gradients[0].double(), gradients[1], rtol=1e-5, atol=1e-5)


def test_it_and_its_gradient_are_finite_at_extreme_logits():
    x = torch.tensor([[800.0, -800.0, 0.0, -800.0, 800.0], [-800.0, -800.0, -800.0, -800.0, 800.0]]).requires_grad_()
    loss = ordinal_loss(x, torch.eye(5)[[2, 0]], 3.0)
    (gradient,) = torch.autograd.grad(loss.sum(), x)
    assert torch.isfinite(loss).all()
    assert torch.isfinite(gradient).all()


def test_the_shape_is_kept_and_cells_do_not_mix():
    torch.manual_seed(0)
    logits, target = torch.randn(2, 5, 3, 1, 2), torch.softmax(torch.randn(2, 5, 3, 1, 2), dim=1)
    loss = ordinal_loss(logits, target, 2.0)
    assert loss.shape == (2, 3, 1, 2)
    one = ordinal_loss(logits[1:, :, 2, 0, 1], target[1:, :, 2, 0, 1], 2.0)
    torch.testing.assert_close(loss[1, 2, 0, 1], one[0])
