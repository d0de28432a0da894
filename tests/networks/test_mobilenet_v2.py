import pytest
import torch

from resmtnet.networks import MobileNetV2

# keys and shapes of torchvision's mobilenet_v2: the ends, and each place where the layout changes
TORCHVISION = {
    "features.0.0.weight": (32, 3, 3, 3),
    "features.0.1.running_mean": (32,),
    "features.1.conv.0.0.weight": (32, 1, 3, 3),
    "features.1.conv.1.weight": (16, 32, 1, 1),
    "features.1.conv.2.bias": (16,),
    "features.2.conv.0.0.weight": (96, 16, 1, 1),
    "features.2.conv.1.0.weight": (96, 1, 3, 3),
    "features.2.conv.2.weight": (24, 96, 1, 1),
    "features.2.conv.3.num_batches_tracked": (),
    "features.4.conv.2.weight": (32, 144, 1, 1),
    "features.7.conv.2.weight": (64, 192, 1, 1),
    "features.11.conv.2.weight": (96, 384, 1, 1),
    "features.14.conv.2.weight": (160, 576, 1, 1),
    "features.17.conv.2.weight": (320, 960, 1, 1),
    "features.18.0.weight": (1280, 320, 1, 1),
    "features.18.1.running_var": (1280,),
}


@pytest.fixture(scope="module")
def network() -> MobileNetV2:
    torch.manual_seed(0)
    return MobileNetV2().eval()


def test_the_convolutions_are_as_many_as_those_of_mobilenet_v2(network):
    classifier = 1280 * 1000 + 1000
    assert sum(p.numel() for p in network.features.parameters()) + classifier == 3_504_872
    assert len(network.features.state_dict()) == 312


def test_keys_and_shapes_are_those_of_torchvision(network):
    state = network.state_dict()
    assert {key: tuple(state[key].shape) for key in TORCHVISION} == TORCHVISION
    assert {key.split(".")[0] for key in state} == {"features", "head"}


def test_the_last_features_are_called_as_grad_cam_asks_for_them(network):
    seen = []
    hook = network.get_submodule("features.18").register_forward_hook(lambda *at: seen.append(at[2].shape))
    assert network(torch.rand(2, 3, 64, 96)).shape == (2, 3)
    hook.remove()
    assert seen == [(2, 1280, 2, 3)]
    assert list(network.features._modules)[-1] == "18"


def test_classes_and_channels_are_configuration():
    network = MobileNetV2(classes=5, in_channels=1, hidden=8, dropout=0.0).eval()
    assert network(torch.rand(1, 1, 32, 32)).shape == (1, 5)


def test_scripted_network_says_the_same(network):
    image = torch.rand(1, 3, 64, 64)
    with torch.no_grad():
        torch.testing.assert_close(torch.jit.script(network)(image), network(image))


def test_it_starts_training_with_logits_of_moderate_size(network):
    with torch.no_grad():
        logits = network.train()(torch.randn(8, 3, 64, 64))
    assert 1e-3 < logits.std() < 10  # neither vanished nor blown up through 52 convolutions


def test_depthwise_weights_start_as_small_as_the_others(network):
    spread = [part.weight.std().item() for part in network.features.modules() if isinstance(part, torch.nn.Conv2d)]
    depthwise = [p.weight.std().item() for p in network.features.modules() if getattr(p, "groups", 1) > 1]
    assert max(depthwise) <= max(set(spread) - set(depthwise))
