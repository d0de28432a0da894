from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from resmtnet.networks import ResMTNet
from resmtnet.pipelines.inference.infer import infer
from resmtnet.pipelines.inference.region_inferer import RegionInferer

CPU_ALLOCATOR = "[enforce fail] err == 0. DefaultCPUAllocator: can't allocate memory: you tried to allocate 1 bytes."
CUDNN = "GET was unable to find an engine to execute this computation"
ONNX_CUDA = "CUDA failure 2: out of memory ; GPU=0"
ONNX_RUNTIME = "Non-zero status code: Failed to allocate memory for requested buffer of size 1"
IMAGE = torch.rand(1, 2, 160, 32, 48, generator=torch.Generator().manual_seed(0))
SLAB = 112 * 32 * 48  # a core of 48 and its halo; two halves of the image


class Narrow(nn.Module):
    """A network in a machine that holds so many voxels at once, all images of a batch together."""

    def __init__(self, network: nn.Module, most: int, error: BaseException) -> None:
        super().__init__()
        self.network, self.most, self.error = network, most, error
        self.seen: list[int] = []

    def forward(self, image: Tensor) -> Tensor:
        self.seen.append(image[:, 0].numel())
        if image[:, 0].numel() > self.most:
            raise self.error
        return self.network(image)


@pytest.fixture(scope="module")
def network() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(
        nn.AvgPool3d(4), nn.Conv3d(2, 5, 5, padding=2), nn.ReLU(), nn.Conv3d(5, 3, 7, padding=3)
    ).eval()


def inferer(max_voxels: int = 24_000_000) -> RegionInferer:
    return RegionInferer(max_voxels=max_voxels, precision="float32", least_voxels=100_000)


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory"),
        MemoryError(),
        RuntimeError(CPU_ALLOCATOR),
        Exception(ONNX_RUNTIME),
        RuntimeError(CUDNN),
        Exception(ONNX_CUDA),
    ],
)
def test_a_region_too_large_goes_through_in_smaller_ones(network, error):
    narrow, here = Narrow(network, SLAB + 16 * 32 * 48, error), inferer()
    found = here(IMAGE, narrow)
    assert max(narrow.seen[1:]) <= narrow.most < narrow.seen[0]
    undisturbed = inferer(max_voxels=160 * 32 * 48 // 2)(IMAGE, network)
    assert torch.equal(found, undisturbed)
    assert list(here.remarks) == ["W_SMALLER_REGIONS"]


def test_smaller_regions_are_kept_to_for_the_case_and_no_longer(network):
    narrow, here = Narrow(network, SLAB + 16 * 32 * 48, MemoryError()), inferer()
    here(IMAGE, narrow)
    tried = len(narrow.seen)
    here(IMAGE, narrow)
    assert max(narrow.seen[tried:]) <= narrow.most
    here.new_case()
    assert here.remarks == {}
    here(IMAGE[:, :, :64], narrow)
    assert here.remarks == {}


def test_images_of_a_batch_go_one_by_one(network):
    images = torch.rand(8, 2, 48, 48, 48)
    narrow, here = Narrow(network, 48**3, MemoryError()), inferer()
    torch.testing.assert_close(here(images, narrow), network(images).detach(), rtol=0, atol=1e-6)
    assert narrow.seen == [8 * 48**3] + 8 * [48**3]
    assert list(here.remarks) == ["W_SMALLER_REGIONS"]


def test_where_nothing_helps_the_error_is_raised(network):
    with pytest.raises(torch.OutOfMemoryError):
        inferer()(IMAGE, Narrow(network, 0, torch.OutOfMemoryError("CUDA out of memory")))


def test_other_errors_are_raised_at_once(network):
    narrow = Narrow(network, 0, RuntimeError("shapes differ"))
    with pytest.raises(RuntimeError, match="shapes differ"):
        inferer()(IMAGE, narrow)
    assert len(narrow.seen) == 1


class Far(nn.Module):
    """A network whose weights lie on a device that is not the CPU (of torch's, that is `meta`) and has no room."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network, self.full = network, False
        self.weight = nn.Parameter(torch.empty(1, device="meta"))

    def to(self, device: object) -> Far:
        if str(device) != "cpu" and self.full:
            raise torch.OutOfMemoryError("CUDA out of memory")
        self.weight = nn.Parameter(torch.empty(1, device=device))
        return self

    def forward(self, image: Tensor) -> Tensor:
        assert image.device == self.weight.device
        if image.is_meta:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return self.network(image)


def test_slabs_go_where_the_weights_are_and_the_network_to_the_cpu_in_the_end(network):
    far, here = Far(network), inferer()
    torch.testing.assert_close(here(IMAGE, far), network(IMAGE).detach(), rtol=0, atol=1e-6)
    assert list(here.remarks) == ["W_RAN_ON_CPU"]
    here.new_case()
    assert far.weight.is_meta
    assert here.remarks == {}


def test_a_device_that_was_filled_meanwhile_costs_no_case(network):
    far, here = Far(network), inferer()
    here(IMAGE, far)
    far.full = True
    for _ in range(2):
        here.new_case()
        torch.testing.assert_close(here(IMAGE, far), network(IMAGE).detach(), rtol=0, atol=1e-6)
        assert list(here.remarks) == ["W_RAN_ON_CPU"]
    far.full = False
    here.new_case()
    assert far.weight.is_meta


class SmallMachine(ResMTNet):
    """The network of the small bundle in a machine with little memory; torch itself raises what is raised."""

    MOST = 80 * 160 * 208  # the thinnest slab; the small chest's region is 128 slices of that size

    def forward(self, image: Tensor, rate: bool = True) -> Tensor:
        if image[:, 0].numel() > self.MOST:
            torch.empty(2**62, dtype=torch.uint8)
        return super().forward(image, rate)


def test_a_case_says_what_it_had_to_do_without(tmp_path, small_bundle, write_nifti):
    write_nifti(tmp_path / "in" / "scan.nii")
    bundle = tmp_path / "bundle"
    shutil.copytree(small_bundle, bundle)
    undisturbed = run(tmp_path / "in", tmp_path / "calm", bundle, {"inferer#max_voxels": 64 * 160 * 208})
    config = json.loads((bundle / "configs" / "inference.json").read_text())
    config["network_def"]["_target_"] = f"{__name__}.SmallMachine"
    (bundle / "configs" / "inference.json").write_text(json.dumps(config))
    short = run(tmp_path / "in", tmp_path / "short", bundle, {"inferer#least_voxels": 1_000_000})
    assert short["status"] == "warned"
    assert "W_SMALLER_REGIONS" in short["codes"]
    assert "W_SMALLER_REGIONS" not in undisturbed["codes"]
    assert any("want of memory" in note for note in short["notes"])
    assert rows(tmp_path / "short") == rows(tmp_path / "calm")
    assert len(rows(tmp_path / "calm")) == 4


def run(source: Path, output: Path, bundle: Path, overrides: dict) -> dict:
    wanted = {"min_probability": 0.0, "max_findings": 4, "inferer#precision": "float32", **overrides}
    assert infer(source, output, bundle=str(bundle), progress=False, outputs=["csv", "json"], overrides=wanted) == 0
    (record,) = output.glob("cases/*/case.json")
    content: dict = json.loads(record.read_bytes())
    return content


def rows(output: Path) -> list[dict[str, str]]:
    """Read the findings; what is said of their case is left out."""
    with (output / "findings.csv").open(newline="") as file:
        return [
            {name: cell for name, cell in row.items() if name not in ("status", "codes")}
            for row in csv.DictReader(file)
        ]
