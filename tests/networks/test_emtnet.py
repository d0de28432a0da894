import pytest
import torch

from resmtnet.networks import EMTNet, split_emt
from resmtnet.networks.emtnet import _mean_over_mask


@pytest.fixture(scope="module")
def network() -> EMTNet:
    torch.manual_seed(0)
    return EMTNet().eval()


def test_the_mask_is_as_fine_as_the_image_and_the_class_the_same_at_every_pixel(network):
    with torch.no_grad():
        packed = network(torch.rand(2, 3, 64, 96))
    assert packed.shape == (2, 4, 64, 96)
    mask, classes = split_emt(packed)
    assert mask.shape == (2, 1, 64, 96)
    assert classes.shape == (2, 3)
    assert torch.equal(packed[:, 1:], classes[:, :, None, None].expand(-1, -1, 64, 96))
    assert torch.equal(packed[:, :1], mask)
    assert mask.std() > 0


def test_skips_have_the_strides_and_widths_they_are_said_to_have(network):
    x, seen = torch.rand(1, 3, 64, 64), []
    for n, layer in enumerate(network.features):
        x = layer(x)
        if n in network.features.SKIPS:
            seen.append((x.shape[1], 64 // x.shape[2]))
            # the last at its stride: the next layer is coarser
            assert network.features[n + 1](x).shape[2] < x.shape[2]
    assert seen == list(zip(network.features.SKIP_WIDTHS, (2, 4, 8, 16), strict=True))


def test_the_class_does_not_bend_the_outline_but_both_teach_the_encoder():
    torch.manual_seed(0)
    network = EMTNet(dropout=0.0)
    weights = [network.mask.weight, network.decoder.smooth2[0].weight, network.decoder.smooth4[0].weight]
    weights.append(network.features[0][0].weight)
    mask, classes = split_emt(network(torch.rand(2, 3, 64, 64)))
    reached = [
        [
            bool(gradient.abs().sum() > 0)
            for gradient in torch.autograd.grad(said.square().sum(), weights, retain_graph=True)
        ]
        for said in (classes, mask)
    ]
    assert reached == [[False, False, True, True], [True, True, True, True]]


def test_features_are_averaged_over_the_mask():
    features = torch.tensor([[[[1.0, 3.0], [5.0, 7.0]]]])
    left = torch.tensor([[[[1.0, 0.0], [1.0, 0.0]]]])
    torch.testing.assert_close(_mean_over_mask(features, left, floor=0.0), torch.tensor([[3.0]]))
    faint = torch.full((1, 1, 2, 2), 1e-6)
    assert _mean_over_mask(features, faint).item() < 0.01  # nothing segmented: nothing seen, not the whole image


def test_scripted_network_says_the_same(network):
    image = torch.rand(1, 3, 32, 96)
    with torch.no_grad():
        torch.testing.assert_close(torch.jit.script(network)(image), network(image))


def test_the_answer_for_an_image_does_not_depend_on_the_batch(network):
    a, b = torch.rand(1, 3, 64, 64), torch.rand(1, 3, 64, 64)
    with torch.no_grad():
        torch.testing.assert_close(network(torch.cat([a, b]))[:1], network(a), rtol=1e-4, atol=1e-4)


def test_the_mask_starts_as_rare_as_lesions_are():
    network = EMTNet().eval()
    with torch.no_grad():
        network.mask.weight.zero_()
        mask, _ = split_emt(network(torch.rand(1, 3, 32, 32)))
    torch.testing.assert_close(torch.sigmoid(mask), torch.full_like(mask, 0.1))


def test_it_is_light(network):
    assert sum(p.numel() for p in network.parameters()) < 3_000_000
