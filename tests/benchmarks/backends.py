"""What computes the network: core-seconds of each backend and of each lever, and how far its findings move.

Every row is held against torch in float32, batch norm folded, channels last, the whole region in one pass.
"""

from __future__ import annotations

import argparse
import csv
import os
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import torch
from aligned import aligned
from measure import limits
from monai.inferers import SlidingWindowInferer
from torch import Tensor, nn

from resmtnet.pipelines.inference.backends.onnx_model import onnx_model
from resmtnet.pipelines.inference.backends.onnx_runtime import onnx_runtime
from resmtnet.pipelines.inference.backends.openvino_runtime import openvino_runtime
from resmtnet.pipelines.inference.backends.runtime import Runtime
from resmtnet.pipelines.inference.bundle_root import bundle_root
from resmtnet.pipelines.inference.bundle_workflow import BundleWorkflow
from resmtnet.pipelines.inference.for_inference import for_inference
from resmtnet.pipelines.inference.infer import infer
from resmtnet.pipelines.inference.region_inferer import RegionInferer
from resmtnet.pipelines.phantom.chest import chest_phantom
from resmtnet.pipelines.training.load_weights import load_weights
from resmtnet.transforms.window import window_hu

CPU = torch.device("cpu")
SHAPE = (2, 48, 48, 48)
WINDOW = 96
SLAB_VOXELS = 4_000_000
PHANTOM_MM, SPACING_MM = (360.0, 360.0, 110.0), (1.2, 1.2, 2.0)
SAME_MM = 5.0  # findings of two ways nearer than this are one
LOOKED_AT = 0.1  # least probability of a finding's partner: below what the bundle tells, so that a near miss is seen
PROBABILITIES = ("probability", "malignancy_probability")
FLOAT32 = {"place_mm": 0.1, "diameter_mm": 0.1, "probability": 0.02}
"""Float32 in another order: a voxel of an outline may change sides, no more."""
BFLOAT16 = {"place_mm": 0.5, "diameter_mm": 0.5, "probability": 0.05}
"""8 bits: half a voxel of the model grid, and less than readers differ by."""
CONTEXT = {"place_mm": 1.0, "diameter_mm": 1.0, "probability": 0.2}
"""Windows and slabs show the network less of the surroundings: another input, not another rounding."""
EPILOG = """\
Core-seconds are CPU time of one thread, the least of interleaved repeats; without what comes once in a run (export,
compilation). `max` and `rms` are deviations of the logits of one box. Findings are those of the whole command on a
phantom: how many the bundle tells, how many have no partner within 5 mm (of probability 0.1 at least), and the largest
differences of the others in place, long axis, and probability (of a nodule, or of malignancy). A row beyond its
tolerance ends the command with exit code 1.

rows of torch-compile are left out unless asked for: compiling takes minutes.
"""


@dataclass(frozen=True)
class Way:
    """One way to compute: the network, made once, how it is called, and what its findings may differ by."""

    name: str
    network: Callable[[], nn.Module]
    inferer: Any
    tolerance: Mapping[str, float]


class Given(Runtime):
    """A network that is there already, in place of what the bundle's config names."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__("torch", image_shape=SHAPE, stride=16)
        self.given = network

    def network(self, ready: nn.Module, device: torch.device, precision: str) -> nn.Module:
        return self.given


class Windows(RegionInferer):
    """MONAI's overlapping windows; what is no larger than one goes through as it is."""

    def __call__(self, inputs: Tensor, network: Callable[..., Tensor], *args: Any, **kwargs: Any) -> Tensor:
        if max(inputs.shape[2:]) <= WINDOW:
            return super().__call__(inputs, network)
        windows = SlidingWindowInferer((WINDOW,) * 3, sw_batch_size=1, overlap=0.25, mode="gaussian")
        with torch.no_grad():
            answer: Tensor = windows(inputs, lambda image: super(Windows, self).__call__(image, network))
        return answer


def main() -> None:
    arguments = _arguments()
    torch.set_num_threads(1)
    root = Path(bundle_root(arguments.bundle))
    trained: nn.Module = BundleWorkflow(root, {}).part("network_def").eval()
    load_weights(trained, root / "models" / "model.pt")
    ways = [way for way in _ways(trained, arguments) if not arguments.only or way.name in arguments.only]
    print(f"one thread; load of this machine before the run: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores\n")
    networks = [way.network() for way in ways]
    costs = _costs(ways, networks, arguments) if arguments.edge else [None] * len(ways)
    moved = _moved(ways, networks, root) if arguments.findings else [None] * len(ways)
    head = ["way", "core-s", "ratio", "max", "rms", "found", "alone", "place mm", "diameter mm", "probability", ""]
    rows = [
        [way.name, *_cost_cells(cost), *_moved_cells(m, way)] for way, cost, m in zip(ways, costs, moved, strict=True)
    ]
    print(aligned([head, *rows], left={0}))
    if any(row[-1] == "beyond" for row in rows):
        raise SystemExit(1)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, epilog=EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--bundle", default="lung_nodule_ct", help="a bundle whose network looks at volumes")
    parser.add_argument("--edge", type=int, default=128, help="edge of the box that is timed; 0: none")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--compile", action="store_true", help="torch-compile, too")
    parser.add_argument("--no-findings", dest="findings", action="store_false", help="the box alone")
    parser.add_argument("--only", nargs="+", help="names of rows; the first row always has to be among them")
    return parser.parse_args()


def _ways(trained: nn.Module, arguments: argparse.Namespace) -> list[Way]:
    ready = for_inference(trained)
    exported: list[bytes] = []

    def model() -> bytes:
        if not exported:
            exported.append(onnx_model(trained, SHAPE, stride=16).SerializeToString())
        return exported[0]

    def compiled(precision: str) -> nn.Module:
        return Runtime("torch-compile", image_shape=SHAPE, stride=16).network(ready, CPU, precision)

    single, half = RegionInferer(precision="float32"), RegionInferer(precision="bfloat16")
    ways = [
        Way("torch float32", lambda: ready, single, FLOAT32),
        Way("torch bfloat16", lambda: ready, half, BFLOAT16),
        Way("onnx float32", lambda: onnx_runtime(model(), CPU), single, FLOAT32),
        Way("openvino float32", lambda: openvino_runtime(model(), CPU, "float32"), single, FLOAT32),
        Way("openvino bfloat16", lambda: openvino_runtime(model(), CPU, "bfloat16"), half, BFLOAT16),
        Way("not channels last", lambda: _in_order(ready, torch.contiguous_format), single, FLOAT32),
        Way("not folded", lambda: _in_order(trained, torch.channels_last_3d), single, FLOAT32),
        Way("windows 96, 25 %", lambda: ready, Windows(precision="float32"), CONTEXT),
        Way("slabs of 4 M", lambda: ready, RegionInferer(precision="float32", max_voxels=SLAB_VOXELS), CONTEXT),
    ]
    if arguments.compile:
        ways.append(Way("torch-compile float32", lambda: compiled("float32"), single, FLOAT32))
        ways.append(Way("torch-compile bfloat16", lambda: compiled("bfloat16"), half, BFLOAT16))
    return ways


def _in_order(network: nn.Module, memory_format: torch.memory_format) -> nn.Module:
    return deepcopy(network).to(memory_format=memory_format)  # type: ignore[call-overload, no-any-return]


def _costs(ways: Sequence[Way], networks: Sequence[nn.Module], arguments: argparse.Namespace) -> list[Any]:
    """Core-seconds, ratio to the first, largest and rms deviation from it."""
    box = chest_phantom(spacing_mm=(1.0, 1.0, 1.0), extent_mm=(float(arguments.edge),) * 3)
    image = window_hu(torch.from_numpy(box.hu).float()[None], [(-1000, 200), (-200, 600)])[None]
    seconds: list[list[float]] = [[] for _ in ways]
    answers: list[Tensor] = []
    for turn in range(arguments.repeat + 1):
        for n, (way, network) in enumerate(zip(ways, networks, strict=True)):
            began = time.process_time()
            answer = way.inferer(image, network).float()
            if turn == 0:  # warms up, and is looked at
                answers.append(answer)
            else:
                seconds[n].append(time.process_time() - began)
    off = [(answer - answers[0]) for answer in answers]
    least = [min(one) for one in seconds]
    return [
        (s, least[0] / s, float(o.abs().max()), float(o.square().mean().sqrt()))
        for s, o in zip(least, off, strict=True)
    ]


def _moved(ways: Sequence[Way], networks: Sequence[nn.Module], root: Path) -> list[Any]:
    """How many findings, how many without partner, and by how much the others differ from the first way's."""
    phantom = chest_phantom(spacing_mm=SPACING_MM, extent_mm=PHANTOM_MM)
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        affine_ras = np.diag([-1.0, -1.0, 1.0, 1.0]) @ phantom.affine_lps
        nib.Nifti1Image(phantom.hu.transpose(2, 1, 0), affine_ras).to_filename(work / "scan.nii")
        found = []
        for n, (way, network) in enumerate(zip(ways, networks, strict=True)):
            output = work / str(n)
            given = {"runtime": Given(network), "inferer": way.inferer, "min_probability": LOOKED_AT}
            scan = work / "scan.nii"
            if infer(scan, output, bundle=str(root), device="cpu", outputs=["csv"], progress=False, overrides=given):
                raise SystemExit(f"{way.name}: the run failed")
            with (output / "findings.csv").open(newline="") as file:
                found.append(list(csv.DictReader(file)))
    told = float(BundleWorkflow(root, {}).part("min_probability"))
    return [_difference(found[0], one, told) for one in found]


def _difference(expected: Sequence[Mapping[str, str]], found: Sequence[Mapping[str, str]], told: float) -> Any:
    """Only findings that one of the ways tells count; the other's partner may be less probable."""
    pairs = [(_apart(a, b), a, b) for a in found for b in expected if _apart(a, b) <= SAME_MM]
    pairs = [(d, a, b) for d, a, b in pairs if max(_probability(a), _probability(b)) >= told]
    partnered = {id(one) for _, a, b in pairs for one in (a, b)}
    alone = [one for one in (*found, *expected) if _probability(one) >= told and id(one) not in partnered]
    return (
        sum(_probability(one) >= told for one in found),
        len(alone),
        max((distance for distance, _, _ in pairs), default=0.0),
        max((abs(float(a["long_axis_mm"]) - float(b["long_axis_mm"])) for _, a, b in pairs), default=0.0),
        max((abs(float(a[name]) - float(b[name])) for _, a, b in pairs for name in PROBABILITIES), default=0.0),
    )


def _probability(one: Mapping[str, str]) -> float:
    return float(one["probability"])


def _apart(one: Mapping[str, str], other: Mapping[str, str]) -> float:
    return float(np.linalg.norm([float(one[f"{axis}_mm"]) - float(other[f"{axis}_mm"]) for axis in "xyz"]))


def _cost_cells(cost: Any) -> list[str]:
    if cost is None:
        return ["", "", "", ""]
    seconds, ratio, most, rms = cost
    return [f"{seconds:.2f}", f"{ratio:.2f}", f"{most:.1e}", f"{rms:.1e}"]


def _moved_cells(moved: Any, way: Way) -> list[str]:
    if moved is None:
        return [""] * 6
    n, alone, *differences = moved
    within = all(d <= limit for d, limit in zip(differences, way.tolerance.values(), strict=True))
    cells = [f"{d:.3f}" for d in differences]
    return [str(n), str(alone), *cells, "" if within and not alone else "beyond"]


if __name__ == "__main__":
    os.environ |= limits(1)
    main()
