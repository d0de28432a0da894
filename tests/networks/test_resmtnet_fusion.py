import io

import pytest
import torch

from resmtnet.networks import ResMTNetFusion, split_fusion
from resmtnet.networks.backbones import efficientnet
from resmtnet.networks.fusion_packing import COLUMNS
from resmtnet.networks.linked_heads import LinkedHeads


@pytest.fixture(scope="module")
def network() -> ResMTNetFusion:
    torch.manual_seed(0)
    return ResMTNetFusion().eval()


def n_parameters(network: torch.nn.Module) -> int:
    return sum(p.numel() for p in network.parameters())


def test_backbones_are_those_of_the_papers(network):
    """Parameters with a classifier of 1000 classes and 3 channels; the first convolutions here read 9."""
    dense_stem, efficient_stem = 64 * 6 * 7 * 7, 32 * 6 * 3 * 3
    assert n_parameters(network.densenet) - dense_stem + 1024 * 1000 + 1000 == 7_978_856
    assert n_parameters(network.efficientnet) - efficient_stem + 1280 * 1000 + 1000 == 5_288_548


def test_the_scale_of_the_paper_joins_its_two_backbones():
    network = ResMTNetFusion(in_channels=3, densenet="densenet161", efficientnet="efficientnet-b7", shared=512)
    assert n_parameters(network.densenet) + 2208 * 1000 + 1000 == 28_681_000
    assert n_parameters(network.efficientnet) + 2560 * 1000 + 1000 == 66_347_960
    assert network.shared[1].in_features == 2208 + 2560


def test_it_answers_in_ten_columns(network):
    with torch.no_grad():
        packed = network(torch.rand(2, 9, 64, 64))
    assert packed.shape == (2, 10)
    assert torch.isfinite(packed).all()
    heads = split_fusion(packed)
    assert [tuple(part.shape) for part in heads] == [(2,), (2, 3), (2,), (2, 5)]


def test_columns_are_where_their_names_say():
    assert len(COLUMNS) == 10
    heads = split_fusion(torch.arange(10.0)[None])
    assert heads.presence.tolist() == [COLUMNS.index("presence")]
    assert heads.location.tolist() == [[COLUMNS.index(f"location_{axis}") for axis in "kji"]]
    assert heads.log_size.tolist() == [COLUMNS.index("log_size")]
    assert heads.malignancy.tolist() == [[COLUMNS.index(f"malignancy_{score}") for score in range(1, 6)]]
    with pytest.raises(ValueError, match="10 columns, found 15"):
        split_fusion(torch.zeros(1, 15))


def test_every_head_teaches_both_backbones():
    torch.manual_seed(0)
    network = ResMTNetFusion(dropout=0.0)  # in training, one patch a batch
    packed = network(torch.rand(1, 9, 64, 64))
    stems = [network.densenet.features.conv0.weight, network.efficientnet._conv_stem.weight]
    for head in split_fusion(packed):
        for gradient in torch.autograd.grad(head.square().sum(), stems, retain_graph=True):
            assert gradient.abs().sum() > 0


def test_what_a_head_has_learnt_reaches_the_next_ones_only():
    torch.manual_seed(0)
    heads = LinkedHeads(16)
    said = split_fusion(heads(torch.randn(4, 16)))
    features = [heads.presence_features, heads.location_features, heads.size_features, heads.malignancy_features]
    weights = [part[1].weight for part in features]
    for n, answer in enumerate(said):
        gradients = torch.autograd.grad(answer.square().sum(), weights, retain_graph=True, allow_unused=True)
        assert [g is not None and bool(g.abs().sum() > 0) for g in gradients] == [m <= n for m in range(4)]


def test_the_small_pair_fits_into_a_file_of_a_repository_in_half_precision(network):
    state = {key: value.half() if value.is_floating_point() else value for key, value in network.state_dict().items()}
    file = io.BytesIO()
    torch.save(state, file)
    assert file.tell() < 25e6
    file.seek(0)
    ResMTNetFusion().load_state_dict(torch.load(file, weights_only=True))


def test_scripted_network_says_the_same(network):
    patch = torch.rand(1, 9, 64, 64)
    with torch.no_grad():
        torch.testing.assert_close(torch.jit.script(network)(patch), network(patch))


def test_a_backbone_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match=r"densenet must be one of densenet121, .*, found resnet50"):
        ResMTNetFusion(densenet="resnet50")
    with pytest.raises(ValueError, match=r"efficientnet must be one of efficientnet-b0, .*, found efficientnet-l2"):
        efficientnet("efficientnet-l2", 9)
