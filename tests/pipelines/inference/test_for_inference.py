from __future__ import annotations

import torch
from torch import nn

from resmtnet.networks import ResMTNet
from resmtnet.pipelines.inference.for_inference import for_inference

# of the logits, whose standard deviation is about 2: float32 sums in another order
ROUNDING = 1e-4


def trained() -> ResMTNet:
    """Return the network with batch norms that do something, as after training."""
    torch.manual_seed(0)
    network = ResMTNet(2)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm3d):
            module.running_mean.normal_(0, 0.1)
            module.running_var.uniform_(0.5, 1.5)
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.normal_(module.bias, 0, 0.1)
    return network


def test_same_answer_without_any_batch_norm_and_the_original_untouched():
    network = trained()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    ready = for_inference(network)
    image = torch.rand(1, 2, 32, 32, 48)
    with torch.no_grad():
        torch.testing.assert_close(ready(image), network.eval()(image), rtol=0, atol=ROUNDING)
    assert not any(isinstance(module, nn.BatchNorm3d) for module in ready.modules())
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())


def test_a_batch_norm_that_follows_no_convolution_stays():
    norm = nn.BatchNorm3d(2)
    nn.init.constant_(norm.weight, 3.0)
    ready = for_inference(nn.Sequential(nn.ReLU(), norm))
    assert ready[1].weight.tolist() == [3.0, 3.0]
