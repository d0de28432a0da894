from pathlib import Path

import pytest
import torch

from resmtnet.networks import EMTNet, MobileNetV2, load_imagenet

State = dict[str, torch.Tensor]


@pytest.fixture(scope="module")
def torchvision_state() -> State:
    """What torchvision's file holds: keys and shapes, other values."""
    torch.manual_seed(1)
    features = MobileNetV2().features.state_dict()
    state = {f"features.{key}": torch.rand_like(value.float()).to(value.dtype) for key, value in features.items()}
    return state | {"classifier.1.weight": torch.rand(1000, 1280), "classifier.1.bias": torch.rand(1000)}


def saved(state: object, folder: Path) -> Path:
    torch.save(state, folder / "mobilenet_v2.pth")
    return folder / "mobilenet_v2.pth"


@pytest.mark.parametrize("build", [MobileNetV2, EMTNet])
def test_the_convolutions_come_from_the_file_and_the_rest_stays(build, torchvision_state, tmp_path):
    network = build()
    before = {key: value.clone() for key, value in network.state_dict().items()}
    load_imagenet(network, saved(torchvision_state, tmp_path))
    for key, value in network.state_dict().items():
        assert torch.equal(value, torchvision_state[key] if key.startswith("features.") else before[key]), key
    assert any(not key.startswith("features.") for key in before)


def test_no_file_leaves_the_network_as_it_is():
    network = MobileNetV2()
    before = {key: value.clone() for key, value in network.state_dict().items()}
    load_imagenet(network, None)
    assert all(torch.equal(value, before[key]) for key, value in network.state_dict().items())


def test_a_file_of_before_the_counters_of_batch_norm_fits_too(torchvision_state, tmp_path):
    old = {key: value for key, value in torchvision_state.items() if not key.endswith("num_batches_tracked")}
    network = MobileNetV2()
    load_imagenet(network, saved(old, tmp_path))
    assert torch.equal(network.state_dict()["features.18.0.weight"], old["features.18.0.weight"])


def changed(change: str, state: State) -> object:
    state = dict(state)
    if change == "short":
        del state["features.9.conv.3.bias"]
    elif change == "foreign":
        return {"conv1.weight": torch.zeros(64, 3, 7, 7)}
    elif change == "longer":
        state["features.19.0.weight"] = torch.zeros(1)
    elif change == "wide":
        state["features.18.0.weight"] = torch.zeros(1792, 448, 1, 1)
    elif change == "checkpoint":
        return {"model": state, "epoch": 3}
    elif change == "list":
        return [1, 2]
    return state


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("short", r"1 do not fit, first features.9.conv.3.bias is missing"),
        ("foreign", r"of 1 tensors and 312 expected ones, .* first conv1.weight is not of it"),
        ("longer", r"first features.19.0.weight is not of it"),
        ("wide", r"features.18.0.weight has shape \(1792, 448, 1, 1\), expected \(1280, 320, 1, 1\)"),
        ("checkpoint", r"holds a dict of dict, int, expected a dict of tensors"),
        ("list", r"holds a list, expected a dict of tensors"),
    ],
)
def test_a_wrong_file_is_refused_and_changes_nothing(change, says, torchvision_state, tmp_path):
    network = MobileNetV2()
    before = network.features[0][0].weight.clone()
    with pytest.raises(ValueError, match=says) as caught:
        load_imagenet(network, saved(changed(change, torchvision_state), tmp_path))
    assert "torchvision's mobilenet_v2" in str(caught.value)  # what to give instead
    assert torch.equal(network.features[0][0].weight, before)


def test_a_network_of_other_channels_is_told(torchvision_state, tmp_path):
    with pytest.raises(ValueError, match=r"features.0.0.weight has shape \(32, 3, 3, 3\), expected \(32, 1, 3, 3\)"):
        load_imagenet(MobileNetV2(in_channels=1), saved(torchvision_state, tmp_path))


def test_bytes_that_are_no_weights_and_no_file_at_all_are_told(tmp_path):
    (tmp_path / "notes.pth").write_bytes(b"not weights")
    with pytest.raises(ValueError, match=r"notes.pth cannot be read as plain tensors"):
        load_imagenet(MobileNetV2(), tmp_path / "notes.pth")
    with pytest.raises(ValueError, match=r"There is no file absent.pth"):
        load_imagenet(MobileNetV2(), tmp_path / "absent.pth")


class Sneaky:
    def __reduce__(self):
        return (print, ("run",))


def test_a_file_that_would_run_code_is_refused(tmp_path, capsys):
    with pytest.raises(ValueError, match="cannot be read as plain tensors"):
        load_imagenet(MobileNetV2(), saved({"features.0.0.weight": Sneaky()}, tmp_path))
    assert capsys.readouterr().out == ""
