import pytest
import torch
from torch import nn

from resmtnet.pipelines.inference.usage_error import UsageError
from resmtnet.pipelines.training.load_weights import load_weights


def network(seed: int, out: int = 4) -> nn.Linear:
    torch.manual_seed(seed)
    return nn.Linear(3, out)


@pytest.mark.parametrize("wrap", [lambda state: state, lambda state: {"model": state, "epoch": 3}])
def test_weights_come_from_the_file(tmp_path, wrap):
    kept, fresh = network(0), network(1)
    torch.save(wrap(kept.state_dict()), tmp_path / "model.pt")
    load_weights(fresh, tmp_path / "model.pt")
    assert torch.equal(fresh.weight, kept.weight)
    assert torch.equal(fresh.bias, kept.bias)


def test_without_a_path_the_network_stays_as_it_is():
    fresh = network(1)
    load_weights(fresh, None)
    assert torch.equal(fresh.weight, network(1).weight)


def test_a_missing_file_is_told_without_its_path(tmp_path):
    with pytest.raises(UsageError, match=r"no file of weights none\.pt") as told:
        load_weights(network(0), tmp_path / "none.pt")
    assert str(tmp_path) not in str(told.value)


@pytest.mark.parametrize("content", [network(0, out=5).state_dict(), [1, 2], torch.zeros(3), {"model": object()}])
def test_what_are_no_weights_of_this_network_is_refused(tmp_path, content):
    torch.save(content, tmp_path / "model.pt")
    with pytest.raises(UsageError, match=r"model\.pt does not hold weights of this network"):
        load_weights(network(0), tmp_path / "model.pt")


@pytest.mark.parametrize("content", [b"", b"junk", b"PK\x03\x04 half"])
def test_a_file_that_cannot_be_read_is_refused(tmp_path, content):
    (tmp_path / "model.pt").write_bytes(content)
    with pytest.raises(UsageError, match="does not hold weights"):
        load_weights(network(0), tmp_path / "model.pt")
