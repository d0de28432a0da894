import math

import pytest
import torch
from torch.nn import functional as F

from resmtnet.networks.losses import ClassLoss
from resmtnet.networks.losses.balanced_bce import balanced_bce


@pytest.fixture
def batch() -> tuple[torch.Tensor, torch.Tensor]:
    torch.manual_seed(0)
    return 3 * torch.randn(32, 4), torch.randint(0, 4, (32,))


@pytest.mark.parametrize("positive", range(4))
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_without_a_balance_it_is_the_cross_entropy_whichever_class_is_positive(positive, smoothing, batch):
    logits, label = batch
    found = ClassLoss(4, positive, label_smoothing=smoothing)(logits, label)
    torch.testing.assert_close(found, F.cross_entropy(logits, label, label_smoothing=smoothing))


@pytest.mark.parametrize("q", [0.3, 1.0, 4.0])
@pytest.mark.parametrize("positive", [0, 1])
def test_of_two_classes_it_is_the_balanced_binary_loss(q, positive):
    torch.manual_seed(0)
    logits, label = 3 * torch.randn(16, 2), torch.randint(0, 2, (16,))
    margin = logits[:, positive] - logits[:, 1 - positive]
    expected = balanced_bce(margin, (label == positive).float(), q).mean()
    torch.testing.assert_close(ClassLoss(2, positive, q=q)(logits, label), expected)


def test_a_positive_counts_q_times_and_the_others_as_before():
    logits = torch.tensor([[math.log(1.0), math.log(2.0), math.log(5.0)]])  # probabilities 1/8, 2/8, 5/8
    loss = ClassLoss(3, 2, q=3.0)
    said = [loss(logits, torch.tensor([label])).item() for label in range(3)]
    assert said == pytest.approx([math.log(8), math.log(4), 3 * math.log(8 / 5)])
    parts = loss.parts(logits, torch.tensor([0]))
    assert parts["positive"].item() == pytest.approx(math.log(8 / 3))  # not the positive class
    assert parts["others"].item() == pytest.approx(math.log(3))  # and then the first of the other two


def test_class_weights_are_those_of_torch(batch):
    logits, label = batch
    weights = [0.5, 1.0, 2.0, 0.0]
    found = ClassLoss(4, 1, class_weights=weights)(logits, label)
    torch.testing.assert_close(found, F.cross_entropy(logits, label, weight=torch.tensor(weights)))


def test_images_of_unknown_class_count_nowhere(batch):
    logits, label = batch
    loss = ClassLoss(4, 2, q=2.0)
    some = torch.where(torch.arange(32) < 10, label, -1)
    torch.testing.assert_close(loss(logits, some), loss(logits[:10], label[:10]))
    torch.testing.assert_close(loss(logits, some.float()), loss(logits[:10], label[:10]))  # as a collated map has them


def test_a_batch_without_any_label_is_zero_and_teaches_nothing(batch):
    logits = batch[0].requires_grad_()
    loss = ClassLoss(4, 2)(logits, torch.full((32,), -1))
    loss.backward()
    assert loss.item() == 0
    assert torch.equal(logits.grad, torch.zeros_like(logits))


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("label", [0, 1, 2])
def test_it_is_finite_at_logits_far_beyond_the_range_of_exp(label, smoothing):
    corners = torch.cartesian_prod(*[torch.tensor([-800.0, 0.0, 800.0])] * 3).requires_grad_()
    loss = ClassLoss(3, 2, q=3.0, label_smoothing=smoothing)(corners, torch.full((27,), label))
    loss.backward()
    assert torch.isfinite(loss)
    assert torch.isfinite(corners.grad).all()


def test_the_least_loss_shifts_the_positive_class_only():
    """Of shares p the least mean loss is at q p / (q p + 1 - p) for the positive; the others keep their ratio."""
    share, q = torch.tensor([0.5, 0.3, 0.2], dtype=torch.float64), 4.0
    logits = torch.zeros(1, 3, dtype=torch.float64, requires_grad=True)
    loss = ClassLoss(3, 2, q=q, class_weights=share.tolist())
    optimizer = torch.optim.LBFGS([logits], max_iter=100, tolerance_grad=1e-10)

    def step() -> torch.Tensor:
        optimizer.zero_grad()
        mean = sum(p * loss(logits, torch.tensor([c])) for c, p in enumerate(share))
        mean.backward()
        return mean

    optimizer.step(step)
    positive = q * 0.2 / (q * 0.2 + 0.8)
    expected = [(1 - positive) * 0.5 / 0.8, (1 - positive) * 0.3 / 0.8, positive]
    assert logits.detach().softmax(1)[0].tolist() == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"classes": 1, "positive": 0}, "at least 2 classes"),
        ({"positive": 3}, "a positive one among them"),
        ({"q": 0.0}, "q must be above 0"),
        ({"label_smoothing": 1.0}, "label_smoothing"),
        ({"class_weights": [1.0, 1.0]}, "class_weights must be 3 numbers"),
        ({"class_weights": [1.0, 1.0, -1.0]}, "none below 0"),
    ],
)
def test_parameters_out_of_range_are_refused(wrong, says):
    with pytest.raises(ValueError, match=says):
        ClassLoss(**{"classes": 3, "positive": 2, **wrong})
