import math

import pytest
import torch

from resmtnet.networks import HeadMaps
from resmtnet.networks.losses import MultiTaskLoss, Targets, pack_targets, unpack_targets
from resmtnet.networks.losses.box_loss import box_iou, box_loss
from resmtnet.networks.losses.heat_loss import heat_loss
from resmtnet.networks.losses.mask_loss import mask_loss
from resmtnet.networks.losses.rating_loss import rating_loss

CELL = (1, 1, 1, 1, 1)


def targets(**weights: float) -> Targets:
    maps = HeadMaps(
        torch.zeros(1, 1, 2, 2, 2),
        torch.zeros(1, 6, 2, 2, 2),
        torch.zeros(1, 1, 8, 8, 8),
        torch.full((1, 12, 2, 2, 2), 0.2),
    )
    w = {"heat": 0.0, "box": 0.0, "mask": 0.0, "rating": 0.0} | weights
    cells = [torch.full((1, n, 2, 2, 2), w[name]) for name, n in (("heat", 1), ("box", 1), ("mask", 1), ("rating", 2))]
    return Targets(maps, *cells)


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


def test_box_iou_by_hand():
    a = torch.zeros(1, 6, 1, 1, 1)  # an 8 x 8 x 8 box
    b = a.clone()
    b[0, 0] = 4.0  # half its length away along k: overlap 4/12
    assert box_iou(a, b).item() == pytest.approx(1 / 3)
    assert box_iou(a, a).item() == pytest.approx(1.0)


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


def test_rating_loss_is_least_at_the_readers_own_distribution():
    scores = torch.tensor([0.0, 0.25, 0.5, 0.25, 0.0])
    target = torch.cat([scores, torch.full((7,), 0.3)]).reshape(1, 12, 1, 1, 1)
    weight = torch.ones(1, 2, 1, 1, 1)
    best = torch.cat([torch.log(scores + 1e-9), torch.full((7,), math.log(0.3 / 0.7))]).reshape(1, 12, 1, 1, 1)
    entropy = -sum(p * math.log(p) for p in (0.25, 0.5, 0.25)) - 0.3 * math.log(0.3) - 0.7 * math.log(0.7)
    assert rating_loss(best, target, weight).item() == pytest.approx(entropy, rel=1e-4)
    torch.manual_seed(0)
    assert all(rating_loss(best + torch.randn_like(best), target, weight) > entropy for _ in range(10))


@pytest.mark.parametrize("known", ["heat", "box", "mask", "rating"])
def test_a_case_with_one_kind_of_label_teaches_that_head_only(known):
    torch.manual_seed(0)
    packed = torch.randn(1, 83, 2, 2, 2, requires_grad=True)
    MultiTaskLoss()(packed, pack_targets(targets(**{known: 1.0}))).backward()
    heads = {"heat": slice(0, 1), "box": slice(1, 7), "mask": slice(7, 71), "rating": slice(71, 83)}
    for name, channels in heads.items():
        assert (packed.grad[:, channels].abs().sum() > 0) == (name == known)


def test_a_case_without_any_label_teaches_nothing():
    packed = torch.randn(1, 83, 2, 2, 2, requires_grad=True)
    loss = MultiTaskLoss()(packed, pack_targets(targets()))
    loss.backward()
    assert loss.item() == 0.0
    assert packed.grad.abs().sum() == 0.0


def test_targets_survive_packing():
    before = targets(box=0.5, rating=0.25)
    after = unpack_targets(pack_targets(before))
    for a, b in zip((*before.maps, *before[1:]), (*after.maps, *after[1:]), strict=True):
        assert torch.equal(a, b)
