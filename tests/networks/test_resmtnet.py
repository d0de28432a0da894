import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from resmtnet.networks import ResMTNet, pack, unpack
from resmtnet.networks.unrated import Unrated


@pytest.fixture(scope="module")
def network() -> ResMTNet:
    torch.manual_seed(0)
    return ResMTNet().eval()


def test_cost_per_voxel_and_size_stay_in_budget(network):
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        network(torch.rand(1, 2, 64, 64, 64))
    assert 20 <= counter.get_total_flops() / 64**3 / 1000 <= 60  # kFLOP per voxel, DESIGN section 4
    assert sum(p.numel() * p.element_size() for p in network.parameters()) <= 25 * 2**20


def test_maps_have_the_shapes_they_are_said_to_have(network):
    maps = network.forward_maps(torch.rand(2, 2, 32, 48, 64))
    assert maps.heat.shape == (2, 1, 8, 12, 16)
    assert maps.box.shape == (2, 6, 8, 12, 16)
    assert maps.mask.shape == (2, 1, 32, 48, 64)
    assert maps.rating.shape == (2, 12, 8, 12, 16)


def test_packed_and_unpacked_outputs_are_equal(network):
    image = torch.rand(1, 2, 32, 48, 64)
    with torch.no_grad():
        packed, maps = network(image), network.forward_maps(image)
    assert packed.shape == (1, 83, 8, 12, 16)
    for found, expected in zip(unpack(packed), maps, strict=True):
        assert torch.equal(found, expected)
    assert torch.equal(pack(unpack(packed)), packed)


def test_a_mask_voxel_keeps_its_place_through_packing(network):
    maps = network.forward_maps(torch.rand(1, 2, 32, 32, 32))
    mask = torch.zeros_like(maps.mask)
    mask[0, 0, 13, 22, 7] = 1.0
    packed = pack(maps._replace(mask=mask))
    channel = 7 + (13 % 4) * 16 + (22 % 4) * 4 + 7 % 4  # after heat (1) and box (6)
    assert packed[0, channel, 13 // 4, 22 // 4, 7 // 4] == 1.0
    assert packed[0, 7 : 7 + 64].sum() == 1.0


@pytest.mark.parametrize("head", ["heat", "box", "mask", "rating"])
def test_every_head_teaches_the_shared_encoder(head):
    torch.manual_seed(0)
    network = ResMTNet()
    getattr(network.forward_maps(torch.rand(2, 2, 32, 32, 32)), head).square().mean().backward()
    stem = network.encoder.stem[0].weight.grad
    assert stem is not None
    assert stem.abs().sum() > 0


@pytest.mark.parametrize(("task", "taught_by"), [("mask", "heat"), ("box_features", "rating")])
@pytest.mark.parametrize("links", [True, False])
def test_links_carry_gradient_from_task_to_task_and_can_be_switched_off(task, taught_by, links):
    torch.manual_seed(0)
    network = ResMTNet(links=links)
    getattr(network.forward_maps(torch.rand(2, 2, 32, 32, 32)), taught_by).square().mean().backward()
    gradients = [p.grad for p in getattr(network.heads, task).parameters()]
    reached = any(g is not None and g.abs().sum() > 0 for g in gradients)
    # the rating is pooled over the mask, linked or not; presence and box share features by design
    assert reached == links


def test_scripted_network_says_the_same(network):
    image = torch.rand(1, 2, 32, 32, 32)
    with torch.no_grad():
        torch.testing.assert_close(torch.jit.script(network)(image), network(image))


def test_answer_for_a_nodule_does_not_depend_on_the_batch(network):
    a, b = torch.rand(1, 2, 32, 32, 32), torch.rand(1, 2, 32, 32, 32)
    with torch.no_grad():
        torch.testing.assert_close(network(torch.cat([a, b]))[:1], network(a), rtol=1e-4, atol=1e-5)


def test_unpack_refuses_a_tensor_of_another_network():
    with pytest.raises(ValueError, match="83 channels, found 82"):
        unpack(torch.zeros(1, 82, 4, 4, 4))


@pytest.mark.parametrize("depth", [32, 48, 112, 208])
def test_without_the_rating_head_all_else_stays_as_it_is(depth):
    """Slab by slab too: an image of up to 48 slices is one slab, of 112 or 208 three or five, the last of them thin."""
    torch.manual_seed(0)
    network = ResMTNet(2, widths=[8, 8, 8, 8], blocks=[1, 1, 1, 1], width=8, fine_width=8).eval()
    image = torch.randn(1, 2, depth, 48, 32)
    with torch.no_grad():
        whole, part = unpack(network(image)), unpack(Unrated(network)(image))
    for name in ("heat", "box", "mask"):
        exact = 0.0 if depth <= 48 else 1e-6  # a convolution may sum in another order over another shape
        torch.testing.assert_close(getattr(part, name), getattr(whole, name), rtol=exact, atol=exact)
    assert whole.rating.abs().max() > 0
    assert part.rating.shape == whole.rating.shape
    assert not part.rating.any()
