"""The network we compare with is the published one, and runs as often as MONAI would run it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest
import torch
from monai.apps.detection.networks import retinanet_network
from monai.inferers import SlidingWindowInferer
from monai.networks.blocks import backbone_fpn_utils
from monai.transforms import Spacing
from torch.utils.flop_counter import FlopCounterMode

from resmtnet.transforms.grid import Grid, to_metatensor

PUBLISHED_PARAMETERS = 20.9e6
KFLOP_PER_VOXEL = 1207.6  # two per multiplication; that it is the same at every size is why time may be extrapolated


@pytest.fixture(scope="module")
def modules() -> Iterator[Callable[[str], ModuleType]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(Path(__file__).parent))
        yield import_module


@pytest.fixture(scope="module")
def windows(modules: Callable[[str], ModuleType]) -> ModuleType:
    return modules("sliding_windows")


@pytest.fixture(scope="module")
def network(modules: Callable[[str], ModuleType]) -> torch.nn.Module:
    return modules("retinanet").lung_nodule_retinanet()


def test_retinanet_has_the_published_number_of_parameters(network: torch.nn.Module) -> None:
    assert sum(p.numel() for p in network.parameters()) == pytest.approx(PUBLISHED_PARAMETERS, rel=1e-3)


def test_retinanet_does_the_published_work_per_voxel_at_every_size(network: torch.nn.Module) -> None:
    for shape in ((32, 32, 16), (64, 32, 32)):
        with torch.inference_mode(), FlopCounterMode(display=False) as counter:
            network(torch.zeros(1, 1, *shape))
        assert counter.get_total_flops() / math.prod(shape) / 1e3 == pytest.approx(KFLOP_PER_VOXEL, rel=1e-3)


def test_retinanet_gives_three_maps_from_stride_4_4_2_on(network: torch.nn.Module) -> None:
    with torch.inference_mode():
        maps = network(torch.rand(1, 1, 32, 32, 16))
    assert [tuple(m.shape) for m in maps["classification"]] == [(1, 3, 8, 8, 8), (1, 3, 4, 4, 4), (1, 3, 2, 2, 2)]
    assert [m.shape[1] for m in maps["box_regression"]] == [18, 18, 18]


def test_stand_ins_are_gone_once_it_is_built(modules: Callable[[str], ModuleType]) -> None:
    before = backbone_fpn_utils.torchvision_models, retinanet_network._validate_trainable_layers
    modules("retinanet").lung_nodule_retinanet()
    after = backbone_fpn_utils.torchvision_models, retinanet_network._validate_trainable_layers
    assert all(one is other for one, other in zip(before, after, strict=True))


@pytest.mark.parametrize(
    ("shape", "patch"),
    [
        ((40, 33, 17), (32, 32, 16)),
        ((64, 64, 24), (32, 32, 16)),
        ((65, 64, 25), (32, 32, 16)),
        ((20, 100, 40), (32, 32, 16)),
        ((500, 10, 30), (48, 48, 24)),
    ],
)
def test_windows_are_as_many_as_monai_runs(shape: Sequence[int], patch: Sequence[int], windows: ModuleType) -> None:
    seen = []

    def network(window: torch.Tensor) -> torch.Tensor:
        seen.append(tuple(window.shape[2:]))
        return window

    padded = [math.ceil(n / d) * d for n, d in zip(shape, windows.SIZE_DIVISIBLE, strict=True)]
    SlidingWindowInferer(patch, sw_batch_size=1, overlap=0.25)(torch.zeros(1, 1, *padded), network)
    told = windows.sliding_windows(shape, patch)
    assert seen == [told.shape] * told.count


def test_image_smaller_than_the_patch_goes_in_one_piece(windows: ModuleType) -> None:
    told = windows.sliding_windows((513, 500, 180))
    assert (told.shape, told.count) == ((528, 512, 184), 1)


def test_shape_is_that_of_monai_spacing(windows: ModuleType) -> None:
    spacing = (0.7, 0.9, 2.0)
    image = to_metatensor(
        torch.zeros(1, 9, 41, 64), Grid((9, 41, 64), torch.diag(torch.tensor([*spacing, 1.0])).numpy())
    )
    resampled = Spacing(windows.SPACING_MM[::-1])(image)
    assert windows.peer_shape((64, 41, 9), spacing) == tuple(resampled.shape[:0:-1])
