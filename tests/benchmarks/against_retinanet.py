"""Our network and our whole scan beside MONAI's RetinaNet, on the same scan in the same run."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from aligned import aligned
from measure import Cost, cost_of
from monai.transforms import ResizeWithPadOrCrop, Spacing
from retinanet import at_its_best, lung_nodule_retinanet
from sliding_windows import SPACING_MM, Windows, one_pass, peer_shape, sliding_windows
from table import GB
from torch import Tensor

from resmtnet.pipelines.inference.scan_dataset import image_of
from resmtnet.pipelines.records import Volume
from resmtnet.transforms.grid import grid_of, to_metatensor

SCAN_GOAL, NETWORK_GOAL = 100.0, 30.0
SMALL_PATCH = (192, 192, 80)
"""What the network was trained on, for memory's sake."""
CLIP_HU = (-1024.0, 300.0)
TYPES = (torch.float32, torch.bfloat16)


@dataclass(frozen=True)
class Ours:
    """What the bundle made of the scan: the network's input, what runs it, and the box of the source it covers."""

    image: Tensor
    inferer: Any
    network: torch.nn.Module
    box: tuple[Sequence[int], Sequence[int]]


@dataclass(frozen=True)
class Run:
    """Something that went over so many voxels."""

    what: str
    precision: str
    windows: str
    voxels: int
    wall_s: float
    cpu_s: float
    how: str = "measured"
    peak_gb: float | None = None

    @property
    def cells(self) -> tuple[str, ...]:
        speed = f"{self.wall_s / self.voxels * 1e6:.3f}" if self.voxels else ""
        numbers = (f"{self.voxels / 1e6:.1f}" if self.voxels else "", speed, f"{self.wall_s:.2f}", f"{self.cpu_s:.2f}")
        peak = "" if self.peak_gb is None else f"{self.peak_gb:.2f}"
        return (self.what, self.precision, self.windows, *numbers, peak, self.how)


@dataclass(frozen=True)
class Ratio:
    """How many times sooner we are."""

    what: str
    on_the_clock: float
    in_core_s: float
    goal: float | None

    @property
    def verdict(self) -> str:
        return "" if self.goal is None else "ok" if self.on_the_clock >= self.goal else "SHORT"

    @property
    def cells(self) -> tuple[str, ...]:
        goal = "" if self.goal is None else f">= {self.goal:.0f}"
        return (self.what, f"{self.on_the_clock:.1f}", f"{self.in_core_s:.1f}", goal, self.verdict)


@dataclass(frozen=True)
class Comparison:
    """What was run, what follows for a whole scan, and how they compare."""

    runs: tuple[Run, ...]
    ratios: tuple[Ratio, ...]

    def __str__(self) -> str:
        heads = ("", "precision", "windows", "M voxels", "us/voxel", "s", "core-s", "GB", "")
        runs = aligned([heads, *(run.cells for run in self.runs)], {0, 1, 2, 8})
        ratios = aligned([("times sooner", "s", "core-s", "goal", ""), *(r.cells for r in self.ratios)], {0, 4})
        return f"{runs}\n\n{ratios}"

    def as_json(self) -> dict[str, object]:
        ratios = [{**asdict(ratio), "verdict": ratio.verdict} for ratio in self.ratios]
        return {"runs": [asdict(run) for run in self.runs], "ratios": ratios}


def against_retinanet(
    volume: Volume,
    ours: Ours,
    whole_scans: tuple[Cost, Cost],
    shapes: Sequence[tuple[int, ...]],
    *,
    threads: int,
    repeat: int,
) -> Comparison:
    """Run both networks in float32 and bfloat16; take the peer's on windows of ``shapes`` from the middle of the lungs.

    The peer's work per voxel does not depend on the size of its windows, so its seconds for a whole scan, and for the
    lung box in one piece, are those of its quicker window per voxel times the voxels that it would run; its memory that
    of one window. Nothing else of the peer is counted: no start, no reading, no resampling, no boxes. What is ours runs
    ``repeat`` times, each window of the peer once. ``whole_scans`` are one scan with the start of the command, and each
    further one.
    """
    grid = grid_of(image_of(volume))
    start, stop = ours.box
    scan = peer_shape(grid.shape_kji[::-1], grid.spacing_mm)
    box = peer_shape([b - a for a, b in zip(start, stop, strict=True)][::-1], grid.spacing_mm)
    asked = {"whole scan, its default": sliding_windows(scan), "lung box": one_pass(box)}
    asked |= {"whole scan, small windows": sliding_windows(scan, SMALL_PATCH)}
    images = [_window(volume, ours.box, shape) for shape in shapes]
    commands = [
        Run(f"ours: files to files, {what}", "", "", 0, cost.wall_s, cost.cpu_s)
        for what, cost in zip(("one scan and the start", "each further scan"), whole_scans, strict=True)
    ]
    runs, ratios = [*commands], []
    for dtype in TYPES:
        name = str(dtype).removeprefix("torch.")
        mine = _our_run(ours, name, threads, repeat)
        measured = [_peer_run(image, dtype, name, threads) for image in images]
        follows = {what: _extrapolated(what, windows, measured, name) for what, windows in asked.items()}
        runs += [mine, *measured, *follows.values()]
        whole, one_box = follows["whole scan, its default"], follows["lung box"]
        fair = dtype == torch.bfloat16
        goal = None if fair else SCAN_GOAL
        ratios += [
            *(_ratio(f"{run.what}: RetinaNet alone, {name}", run, whole, goal) for run in commands),
            _ratio(f"network, lung box: RetinaNet, both {name}", mine, one_box, NETWORK_GOAL if fair else None),
        ]
    return Comparison(tuple(runs), tuple(ratios))


def _our_run(ours: Ours, precision: str, threads: int, repeat: int) -> Run:
    inferer = copy(ours.inferer)
    inferer.precision = precision
    cost = cost_of(partial(inferer, ours.image, ours.network), repeat=repeat, threads=threads)
    return _measured("ours: lung box at 1 mm", precision, Windows(tuple(ours.image.shape[2:][::-1]), 1), cost)


def _peer_run(image: Tensor, dtype: torch.dtype, precision: str, threads: int) -> Run:
    network = at_its_best(lung_nodule_retinanet(), dtype)
    given = image.to(dtype)

    def run() -> object:
        with torch.inference_mode():
            return network(given)

    cost = cost_of(run, repeat=1, threads=threads)
    return _measured("RetinaNet", precision, Windows(tuple(image.shape[2:]), 1), cost)


def _measured(what: str, precision: str, windows: Windows, cost: Cost) -> Run:
    peak = cost.peak_bytes / GB
    return Run(what, precision, windows.text, windows.voxels, cost.wall_s, cost.cpu_s, peak_gb=peak)


def _extrapolated(what: str, windows: Windows, measured: Sequence[Run], precision: str) -> Run:
    wall, cpu = (min(getattr(run, name) / run.voxels for run in measured) for name in ("wall_s", "cpu_s"))
    peak = max((run.peak_gb or 0) / run.voxels for run in measured) * windows.voxels / windows.count
    seconds = wall * windows.voxels, cpu * windows.voxels
    return Run(f"RetinaNet: {what}", precision, windows.text, windows.voxels, *seconds, "extrapolated", peak)


def _ratio(what: str, ours: Run, theirs: Run, goal: float | None) -> Ratio:
    return Ratio(what, theirs.wall_s / ours.wall_s, theirs.cpu_s / ours.cpu_s, goal)


def _window(volume: Volume, box: tuple[Sequence[int], Sequence[int]], shape: tuple[int, ...]) -> Tensor:
    """Cut the middle of the lungs out, as the bundle prepares it: ``(1, 1, i, j, k)`` on its grid, in [0, 1]."""
    image = image_of(volume)
    grid = grid_of(image)
    size = [round(n * theirs / mm) for n, theirs, mm in zip(shape, SPACING_MM, grid.spacing_mm, strict=True)][::-1]
    middle = np.add(*box) // 2
    start = np.clip(middle - np.array(size) // 2, 0, np.array(grid.shape_kji) - 1)
    stop = np.minimum(start + size, grid.shape_kji)
    block = volume.hu[tuple(map(slice, start, stop))]
    placed = to_metatensor(block[None], grid.crop(start.tolist(), block.shape))
    near = Spacing(SPACING_MM[::-1], dtype=np.float32)(placed).as_tensor().permute(0, 3, 2, 1)
    low, high = CLIP_HU
    cut = ResizeWithPadOrCrop(shape)((near.clamp(low, high) - low) / (high - low))
    return cut.as_tensor()[None].contiguous()  # a MetaTensor would cost the network time
