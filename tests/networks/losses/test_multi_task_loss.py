import math

import pytest
import torch

from resmtnet.networks import HeadMaps
from resmtnet.networks.losses import MultiTaskLoss, Targets, pack_targets, unpack_targets

TASKS = ("heat", "box", "mask", "rating")
ALL = dict.fromkeys(TASKS, 1.0)


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


def output() -> torch.Tensor:
    torch.manual_seed(0)
    return torch.randn(1, 83, 2, 2, 2, requires_grad=True)


@pytest.mark.parametrize("learned", [False, True])
@pytest.mark.parametrize("known", TASKS)
def test_a_case_with_one_kind_of_label_teaches_that_head_only(known, learned):
    packed = output()
    MultiTaskLoss(learned=learned)(packed, pack_targets(targets(**{known: 1.0}))).backward()
    heads = {"heat": slice(0, 1), "box": slice(1, 7), "mask": slice(7, 71), "rating": slice(71, 83)}
    for name, channels in heads.items():
        assert (packed.grad[:, channels].abs().sum() > 0) == (name == known)


@pytest.mark.parametrize("learned", [False, True])
def test_a_case_without_any_label_teaches_nothing(learned):
    packed, loss = output(), MultiTaskLoss(learned=learned)
    value = loss(packed, pack_targets(targets()))
    value.backward()
    assert value.item() == 0.0
    assert packed.grad.abs().sum() == 0.0
    assert all(s.grad is None for s in loss.parameters())


def test_parts_of_a_close_look_without_presence_and_boxes():
    packed = (50 * output().detach().sign()).requires_grad_()
    parts = MultiTaskLoss().parts(packed, pack_targets(targets(mask=1.0, rating=1.0)))
    assert (parts["heat"].item(), parts["box"].item()) == (0.0, 0.0)
    assert parts["mask"] > 0
    assert parts["rating"] > 0
    for part in parts.values():
        (gradient,) = torch.autograd.grad(part, packed, retain_graph=True)
        assert torch.isfinite(gradient).all()


def test_fixed_weights_sum_the_parts_and_hold_no_parameters():
    loss, batch = MultiTaskLoss(heat=2.0, box=0.0, mask=0.5, rating=1.0, rating_q=2.0), pack_targets(targets(**ALL))
    parts = loss.parts(output(), batch)
    by_hand = 2 * parts["heat"] + 0.5 * parts["mask"] + parts["rating"]
    torch.testing.assert_close(loss(output(), batch), by_hand)
    assert list(loss.parameters()) == []
    assert parts["rating"] != MultiTaskLoss().parts(output(), batch)["rating"]


def test_learned_weights_start_at_the_fixed_ones_and_follow_the_formula():
    fixed, loss = MultiTaskLoss(), MultiTaskLoss(learned=True)
    assert loss.task_weights() == pytest.approx(fixed.weights)
    batch, parts = pack_targets(targets(**ALL)), fixed.parts(output(), pack_targets(targets(**ALL)))
    by_hand = sum(w * parts[name].item() - math.log(w) for name, w in fixed.weights.items())
    value = loss(output(), batch)
    assert value.item() == pytest.approx(by_hand, rel=1e-5)
    value.backward()
    for name, s in loss.log_variances.items():
        assert s.grad.item() == pytest.approx(1 - fixed.weights[name] * parts[name].item(), rel=1e-4, abs=1e-5)


def test_learned_weights_settle_at_one_over_each_loss():
    loss, batch = MultiTaskLoss(learned=True, box=0.0), pack_targets(targets(**ALL))
    packed = output().detach()
    optimiser = torch.optim.Adam(loss.parameters(), lr=0.1)
    for _ in range(150):
        optimiser.zero_grad()
        loss(packed, batch).backward()
        optimiser.step()
    parts = loss.parts(packed, batch)
    expected = {name: 0.0 if name == "box" else 1 / parts[name].item() for name in TASKS}
    assert loss.task_weights() == pytest.approx(expected, rel=0.02)


def test_a_task_without_label_does_not_move_its_weight_even_by_momentum():
    loss = MultiTaskLoss(learned=True)
    optimiser = torch.optim.AdamW(
        [{"params": [torch.nn.Parameter(torch.ones(1))]}, {"params": loss.parameters(), "weight_decay": 0.0}], lr=0.1
    )

    def step(**weights: float) -> dict[str, float]:
        optimiser.zero_grad(set_to_none=True)
        loss(output(), pack_targets(targets(**weights))).backward()
        optimiser.step()
        return loss.task_weights()

    step(**ALL)
    before, after = step(**ALL), step(heat=1.0, mask=1.0)
    assert {name for name in TASKS if before[name] == after[name]} == {"box", "rating"}


def test_learned_weights_survive_a_checkpoint():
    loss, other = MultiTaskLoss(learned=True, rating=0.7), MultiTaskLoss(learned=True)
    other.load_state_dict(loss.state_dict())
    assert sorted(loss.state_dict()) == sorted(f"log_variances.{name}" for name in TASKS)
    assert other.task_weights() == pytest.approx(loss.task_weights())


@pytest.mark.parametrize("wrong", [{"box": -0.1}, {"rating_q": 0.0}, {"mask": float("nan")}])
def test_weights_that_make_no_sense_are_refused(wrong):
    with pytest.raises(ValueError, match="found"):
        MultiTaskLoss(**wrong)


def test_targets_survive_packing():
    before = targets(box=0.5, rating=0.25)
    after = unpack_targets(pack_targets(before))
    for a, b in zip((*before.maps, *before[1:]), (*after.maps, *after[1:]), strict=True):
        assert torch.equal(a, b)
