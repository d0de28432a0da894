import math

import pytest
import torch

from resmtnet.networks.losses.box_loss import box_loss
from resmtnet.networks.losses.heat_loss import heat_loss
from resmtnet.networks.losses.mask_loss import mask_loss
from resmtnet.networks.losses.rating_loss import rating_loss

CELL = (1, 1, 1, 1, 1)


def test_heat_loss_equals_the_formula_by_hand():
    logits, target = torch.tensor([0.4, -1.0]).reshape(1, 1, 1, 1, 2), torch.tensor([1.0, 0.5]).reshape(1, 1, 1, 1, 2)
    p, q = (1 / (1 + math.exp(-x)) for x in (0.4, -1.0))
    by_hand = -math.log(p) * (1 - p) ** 2 - math.log(1 - q) * q**2 * (1 - 0.5) ** 4
    assert heat_loss(logits, target, torch.ones_like(logits)).item() == pytest.approx(by_hand, rel=1e-5)


def test_heat_loss_of_a_scan_without_nodules_is_finite_and_falls_as_the_map_goes_down():
    target = torch.zeros(1, 1, 4, 4, 4)
    high, low = (heat_loss(torch.full_like(target, x), target, torch.ones_like(target)) for x in (0.0, -6.0))
    assert torch.isfinite(high)
    assert low < high


@pytest.mark.parametrize("logit", [800.0, -800.0])
def test_losses_are_finite_at_extreme_logits(logit):
    one = torch.ones(CELL)
    assert torch.isfinite(heat_loss(logit * one, one, one))
    assert torch.isfinite(mask_loss(logit * one, one, one))


def test_box_loss_is_zero_for_the_right_box_and_without_boxes():
    box = torch.randn(1, 6, 2, 2, 2)
    assert box_loss(box, box, torch.ones(1, 1, 2, 2, 2)).item() == pytest.approx(0.0, abs=1e-6)
    assert box_loss(box, box + 1, torch.zeros(1, 1, 2, 2, 2)).item() == 0.0


def test_mask_loss_prefers_the_right_mask():
    target = torch.zeros(1, 1, 8, 8, 8)
    target[..., 2:5, 2:5, 2:5] = 1
    weight = torch.ones_like(target)
    right, empty = (mask_loss(x, target, weight) for x in (20 * target - 10, torch.full_like(target, -10.0)))
    assert right < 0.01
    assert empty > 0.5


def patch_with_nodule() -> tuple[torch.Tensor, torch.Tensor]:
    target = torch.zeros(1, 1, 8, 8, 8)
    target[..., 2:5, 2:5, 2:5] = 1
    torch.manual_seed(0)
    return torch.randn(1, 1, 8, 8, 8), target


def test_mask_loss_of_a_case_without_a_nodule_is_its_cross_entropy_alone():
    logits = torch.full((1, 1, 8, 8, 8), -2.0)
    by_hand = 512 * math.log(1 + math.exp(-2)) / 1000  # no nodule voxel: divided by the least, 1,000
    zeros = torch.zeros_like(logits)
    assert mask_loss(logits, zeros, torch.ones_like(logits)).item() == pytest.approx(by_hand, rel=1e-5)


def test_mask_loss_looks_at_no_voxel_and_no_case_without_weight():
    logits, target = patch_with_nodule()
    weight = torch.ones_like(target)
    weight[..., 6:] = 0
    alone = mask_loss(logits, target, weight)
    unknown = (30 * torch.randn_like(logits), torch.ones_like(target), torch.zeros_like(weight))
    mixed = mask_loss(*(torch.cat(pair) for pair in zip((logits, target, weight), unknown, strict=True)))
    torch.testing.assert_close(mixed, alone)
    torch.testing.assert_close(mask_loss(logits + 9 * (weight == 0), target, weight), alone)


def test_mask_loss_of_the_right_mask_is_nearly_zero_at_half_weight_too():
    _, target = patch_with_nodule()
    assert mask_loss(40 * target - 20, target, torch.full_like(target, 0.5)) < 1e-3


@pytest.mark.parametrize("level", [0.0, 50.0, -50.0, 800.0, -800.0])
def test_every_loss_is_exactly_zero_with_finite_gradient_where_nothing_has_weight(level):
    torch.manual_seed(0)
    for loss, channels, weights in ((heat_loss, 1, 1), (box_loss, 6, 1), (mask_loss, 1, 1), (rating_loss, 12, 2)):
        logits = (level * torch.randn(2, channels, 3, 3, 3).sign()).requires_grad_()
        target = torch.full(logits.shape, 0.2)
        value = loss(logits, target, torch.zeros(2, weights, 3, 3, 3))
        (gradient,) = torch.autograd.grad(value, logits)
        assert value.item() == 0.0
        assert (gradient == 0).all()
