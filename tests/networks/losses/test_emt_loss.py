import math

import pytest
import torch
from torch.nn import functional as F

from resmtnet.networks.losses import ClassLoss, EmtLoss
from resmtnet.networks.losses.lesion_loss import lesion_loss


def packed_of(mask: torch.Tensor, classes: torch.Tensor) -> torch.Tensor:
    return torch.cat([mask, classes[:, :, None, None].expand(-1, -1, *mask.shape[2:])], dim=1)


@pytest.fixture
def batch() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    torch.manual_seed(0)
    mask = (torch.rand(4, 1, 8, 8) < 0.3).float()
    return torch.randn(4, 1, 8, 8), torch.randn(4, 3), mask, torch.tensor([1, 2, 1, 2])


def label_of(mask: torch.Tensor, number: torch.Tensor) -> torch.Tensor:
    return packed_of(mask, number.float()[:, None])


def test_its_parts_are_the_losses_of_both_tasks_and_weights_weigh_them(batch):
    mask_logits, class_logits, mask, number = batch
    packed, label = packed_of(mask_logits, class_logits), label_of(mask, number)
    loss = EmtLoss(3, 2, q=3.0, mask=0.25, label=2.0, label_smoothing=0.1)
    parts = loss.parts(packed, label)
    torch.testing.assert_close(parts["mask"], lesion_loss(mask_logits, mask))
    expected = ClassLoss(3, 2, q=3.0, label_smoothing=0.1)(class_logits, number)
    torch.testing.assert_close(parts["label"], expected)
    torch.testing.assert_close(loss(packed, label), 0.25 * parts["mask"] + 2.0 * parts["label"])


def test_an_image_without_known_mask_still_teaches_its_class_and_the_reverse(batch):
    mask_logits, class_logits, mask, number = batch
    mask[2:], number[:1] = -1, -1
    packed = packed_of(mask_logits, class_logits)
    parts = EmtLoss(3, 2).parts(packed, label_of(mask, number))
    torch.testing.assert_close(parts["mask"], lesion_loss(mask_logits[:2], mask[:2]))
    torch.testing.assert_close(parts["label"], F.cross_entropy(class_logits[1:], number[1:]))


def test_nothing_known_is_zero_and_teaches_nothing(batch):
    mask_logits, class_logits, mask, number = batch
    packed = packed_of(mask_logits, class_logits).requires_grad_()
    loss = EmtLoss(3, 2)(packed, label_of(mask - 2, number - 9))
    loss.backward()
    assert loss.item() == 0
    assert torch.equal(packed.grad, torch.zeros_like(packed))


def test_the_outline_by_hand():
    """8 x 8 pixels, logit 0 (p = 1/2) everywhere, a lesion of 16: cross-entropy log 2, Dice (2*8 + 10) / (32+16+10)."""
    mask = torch.zeros(1, 1, 8, 8)
    mask[..., :2] = 1
    logits = torch.zeros(1, 1, 8, 8)
    assert lesion_loss(logits, mask).item() == pytest.approx(math.log(2) + 1 - 26 / 58)
    assert lesion_loss(logits, torch.zeros_like(mask)).item() == pytest.approx(math.log(2))  # no lesion: no Dice
    both = lesion_loss(logits.expand(2, -1, -1, -1), torch.cat([mask, torch.zeros_like(mask)]))
    assert both.item() == pytest.approx(math.log(2) + 1 - 26 / 58)  # its Dice is not halved by an image without


def test_a_small_lesion_counts_as_much_as_a_large_one():
    small, large = torch.zeros(1, 1, 64, 64), torch.zeros(1, 1, 64, 64)
    small[..., :8, :8], large[..., :40, :40] = 1, 1
    hit = torch.where(torch.cat([small, large]) > 0, 20.0, -20.0)
    miss_small, miss_large = hit.clone(), hit.clone()
    miss_small[0], miss_large[1] = -2.0, -2.0
    lost = [lesion_loss(logits, torch.cat([small, large])).item() for logits in (miss_small, miss_large)]
    assert lost[0] > 0.3
    assert lost[1] / lost[0] < 3  # of 25 times the area


@pytest.mark.parametrize("extreme", [-800.0, 800.0])
@pytest.mark.parametrize("value", [0.0, 0.5, 1.0])
def test_it_is_finite_at_logits_far_beyond_the_range_of_exp(extreme, value):
    packed = torch.full((2, 4, 8, 8), extreme).requires_grad_()
    label = label_of(torch.full((2, 1, 8, 8), value), torch.tensor([2, 0]))
    loss = EmtLoss(3, 2, q=3.0)(packed, label)
    loss.backward()
    assert torch.isfinite(loss)
    assert torch.isfinite(packed.grad).all()


def test_weights_below_zero_are_refused():
    with pytest.raises(ValueError, match="must not be negative"):
        EmtLoss(3, 2, mask=-1.0)
