import math

import pytest
import torch

from resmtnet.networks.losses import FusionLoss

TARGETS = [1.0, 0.5, 0.0, -1.0, 0.2, 0.0, 0.25, 0.75, 0.0, 0.0]
KNOWN = [1.0, 1.0, 1.0, 1.0, 0.0]


def label(weights: list[float] | None = None) -> torch.Tensor:
    return torch.tensor([TARGETS + (weights or KNOWN)])


def test_every_part_by_hand():
    """All zeros: smooth L1 is d - 0.05 beyond 0.1. Five even scores: entropy log 5; P(score > t) is (5 - t) / 5."""
    parts = FusionLoss().parts(torch.zeros(1, 10), label())
    assert parts["presence"].item() == pytest.approx(math.log(2))
    assert parts["location"].item() == pytest.approx(0.45 + 0 + 0.95)
    assert parts["size"].item() == pytest.approx(0.15)
    above = [1.0, 0.75, 0.0, 0.0]  # share of readers above scores 1 to 4
    said = [0.8, 0.6, 0.4, 0.2]
    ordinal = -sum(a * math.log(s) + (1 - a) * math.log(1 - s) for a, s in zip(above, said, strict=True)) / 4
    assert parts["malignancy"].item() == pytest.approx(math.log(5) + ordinal)


def test_the_loss_is_the_weighted_sum():
    torch.manual_seed(0)
    pred = torch.randn(1, 10)
    loss = FusionLoss(presence=2.0, location=0.1, size=0.0, malignancy=3.0)
    parts = loss.parts(pred, label())
    expected = 2 * parts["presence"] + 0.1 * parts["location"] + 3 * parts["malignancy"]
    torch.testing.assert_close(loss(pred, label()), expected)


@pytest.mark.parametrize(("n", "name", "columns"), [
    (0, "presence", [0]), (1, "location", [1, 2, 3]), (2, "size", [4]), (3, "malignancy", [5, 6, 7, 8, 9]),
])  # fmt: skip
def test_each_weight_masks_its_own_columns(n, name, columns):
    torch.manual_seed(0)
    pred = torch.randn(1, 10, requires_grad=True)
    alone = [0.0] * 5
    alone[n] = 1.0
    FusionLoss()(pred, label(alone)).backward()
    assert set(pred.grad[0].nonzero()[:, 0].tolist()) == set(columns)
    others = [1.0] * 5
    others[n] = 0.0
    assert FusionLoss().parts(pred, label(others))[name].item() == 0


def test_unknown_patches_do_not_thin_the_known_ones():
    torch.manual_seed(0)
    pred = torch.randn(2, 10)
    both = torch.cat([label(), label([0.0] * 5)])
    for name, value in FusionLoss().parts(pred, both).items():
        torch.testing.assert_close(value, FusionLoss().parts(pred[:1], label())[name])


def test_the_best_answer_costs_no_more_than_the_entropy_of_the_readers():
    best = torch.tensor([TARGETS])
    best[0, 0] = 800.0
    best[0, 5:] = (best[0, 5:] + 1e-9).log()
    parts = FusionLoss().parts(best, label())
    entropy = -(0.25 * math.log(0.25) + 0.75 * math.log(0.75))
    assert parts["presence"].item() == parts["location"].item() == parts["size"].item() == 0
    assert parts["malignancy"].item() == pytest.approx(entropy + entropy / 4, abs=1e-5)  # one threshold is split


def test_q_above_one_leans_towards_malignant():
    pred = torch.zeros(1, 10, requires_grad=True)
    slopes = []
    for q in (1.0, 4.0):
        (gradient,) = torch.autograd.grad(FusionLoss(q=q)(pred, label()), pred)
        slopes.append((gradient[0, 5:] * torch.arange(5)).sum().item())
    assert slopes[1] < slopes[0]  # a step down the gradient raises the mean score more


@pytest.mark.parametrize("extreme", [-800.0, 800.0])
def test_it_is_finite_at_logits_far_beyond_the_range_of_exp(extreme):
    for pattern in (torch.full((1, 10), extreme), extreme * torch.tensor([[1.0, -1.0] * 5])):
        pred = pattern.clone().requires_grad_()
        loss = FusionLoss(q=3.0)(pred, label())
        loss.backward()
        assert torch.isfinite(loss)
        assert torch.isfinite(pred.grad).all()


@pytest.mark.parametrize(
    ("wrong", "says"), [({"size": -1.0}, "must not be negative"), ({"q": 0.0}, "q must be above 0")]
)
def test_parameters_out_of_range_are_refused(wrong, says):
    with pytest.raises(ValueError, match=says):
        FusionLoss(**wrong)
