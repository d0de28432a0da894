import pytest
import torch
from torch.nn import functional as F

from resmtnet.networks.losses.balanced_bce import balanced_bce

X = torch.linspace(-8, 8, 33, dtype=torch.float64)
LABELS = [0.0, 1.0, 0.25, 0.7]
QS = [0.3, 1.0, 3.0]


def labels_of(z: float) -> torch.Tensor:
    return torch.full_like(X, z)


@pytest.mark.parametrize("q", QS)
@pytest.mark.parametrize("z", LABELS)
def test_it_equals_the_naive_form_the_written_out_form_and_torch(z, q):
    s = torch.sigmoid(X)
    naive = -(q * z * s.log() + (1 - z) * (1 - s).log())
    stable = (1 - z) * X + (1 + (q - 1) * z) * ((1 + (-X.abs()).exp()).log() + (-X).clamp(min=0))
    library = F.binary_cross_entropy_with_logits(
        X, labels_of(z), pos_weight=torch.tensor(q, dtype=X.dtype), reduction="none"
    )
    for other in (naive, stable, library):
        torch.testing.assert_close(balanced_bce(X, labels_of(z), q), other, rtol=0, atol=1e-11)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_it_is_exact_at_logits_far_beyond_the_range_of_exp(dtype):
    x, z = torch.tensor([-800.0, 800.0, -800.0, 800.0], dtype=dtype), torch.tensor([1.0, 0.0, 0.0, 1.0], dtype=dtype)
    assert balanced_bce(x, z, 3.0).tolist() == [2400.0, 800.0, 0.0, 0.0]


@pytest.mark.parametrize("q", QS)
@pytest.mark.parametrize("z", LABELS)
def test_its_gradient_is_the_closed_form_also_at_zero(z, q):
    x = X.clone().requires_grad_()  # holds 0.0, the kink of |x|
    (gradient,) = torch.autograd.grad(balanced_bce(x, labels_of(z), q).sum(), x)
    torch.testing.assert_close(gradient, (1 + (q - 1) * z) * torch.sigmoid(X) - q * z, rtol=0, atol=1e-12)


@pytest.mark.parametrize("p", [0.1, 0.25, 0.6])
@pytest.mark.parametrize("q", QS)
def test_its_least_mean_loss_is_at_the_shifted_share_of_positives(p, q):
    x = torch.linspace(-6, 6, 120_001, dtype=torch.float64)
    mean = p * balanced_bce(x, torch.ones_like(x), q) + (1 - p) * balanced_bce(x, torch.zeros_like(x), q)
    assert torch.sigmoid(x[mean.argmin()]).item() == pytest.approx(q * p / (q * p + 1 - p), abs=1e-4)


@pytest.mark.parametrize("q", [0.0, -1.0, float("nan")])
def test_a_weight_that_is_not_positive_is_refused(q):
    with pytest.raises(ValueError, match="q must be above 0"):
        balanced_bce(X, X, q)
