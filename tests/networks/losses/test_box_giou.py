import math

import pytest
import torch
from monai.data.box_utils import box_pair_giou

from resmtnet.networks.losses.box_giou import box_giou
from resmtnet.networks.losses.box_loss import box_loss


def box(centre: tuple[float, float, float] = (0, 0, 0), edges: tuple[float, float, float] = (8, 8, 8)) -> torch.Tensor:
    return torch.tensor([*centre, *(math.log(e / 8) for e in edges)]).reshape(1, 6, 1, 1, 1)


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (box(), 1.0),
        (box((4, 0, 0)), 1 / 3),  # half overlapping along k: the common box is the union
        (box((8, 0, 0)), 0.0),  # touching faces
        (box((16, 0, 0)), -1 / 3),  # a gap of one box: 512 of 1536 voxels uncovered
        (box((4, 4, 0)), 1 / 7 - 2 / 9),  # 128 shared, 896 covered, 1152 in the common box
        (box(edges=(4, 4, 4)), 1 / 8),  # one inside the other
    ],
)
def test_by_hand(other, expected):
    assert box_giou(box(), other).item() == pytest.approx(expected, abs=1e-6)
    assert box_giou(other, box()).item() == pytest.approx(expected, abs=1e-6)


def test_it_equals_monai_on_random_boxes_also_disjoint_ones():
    torch.manual_seed(0)
    a, b = (torch.cat([9 * torch.rand(500, 3), 0.4 * torch.randn(500, 3)], dim=1).double() for _ in range(2))
    corners = [torch.cat([x[:, :3] - 4 * x[:, 3:].exp(), x[:, :3] + 4 * x[:, 3:].exp()], dim=1) for x in (a, b)]
    theirs = box_pair_giou(corners[0].float(), corners[1].float()).double()
    assert 50 < (theirs < 0).sum() < 450  # boxes apart and boxes that overlap
    torch.testing.assert_close(box_giou(a, b)[:, 0], theirs, rtol=0, atol=1e-4)


def test_boxes_apart_are_drawn_together_by_the_gradient():
    far = box((40, 0, 0)).requires_grad_()
    (gradient,) = torch.autograd.grad(box_giou(far, box()).sum(), far)
    assert gradient[0, 0].item() < -1e-3  # towards 0 along k the overlap rises


@pytest.mark.parametrize("value", [800.0, -800.0])
def test_extreme_boxes_stay_finite(value):
    wild = torch.full((1, 6, 1, 1, 1), value).requires_grad_()
    loss = box_loss(wild, box(), torch.ones(1, 1, 1, 1, 1))
    (gradient,) = torch.autograd.grad(loss, wild)
    assert torch.isfinite(loss)
    assert torch.isfinite(gradient).all()


def test_descent_on_the_loss_reaches_a_box_that_was_apart():
    found, wanted = box((30, -20, 10), (3, 20, 8)).requires_grad_(), box(edges=(10, 6, 5))
    optimiser = torch.optim.Adam([found], lr=1.0)
    schedule = torch.optim.lr_scheduler.ExponentialLR(optimiser, 0.98)
    for _ in range(300):
        optimiser.zero_grad()
        box_loss(found, wanted, torch.ones(1, 1, 1, 1, 1)).backward()
        optimiser.step()
        schedule.step()
    assert box_giou(found, wanted).item() > 0.95
