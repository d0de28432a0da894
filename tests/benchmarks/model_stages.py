"""The stages behind reading: the bundle's own parts, as its configs/inference.json builds them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import peers
import torch
from against_retinanet import Ours
from measure import Cost
from table import Row, cpu_row

from resmtnet.networks.unrated import Unrated
from resmtnet.pipelines.inference.bundle_root import bundle_root
from resmtnet.pipelines.inference.bundle_workflow import BundleWorkflow
from resmtnet.pipelines.inference.case_result import case_result
from resmtnet.pipelines.inference.for_inference import for_inference
from resmtnet.pipelines.inference.precision import inference_dtype
from resmtnet.pipelines.inference.scan_dataset import image_of
from resmtnet.pipelines.records import Volume
from resmtnet.pipelines.results.outputs import DEFAULT_OUTPUTS
from resmtnet.pipelines.results.write_case import write_case
from resmtnet.transforms.grid import grid_of, to_metatensor
from resmtnet.transforms.resample import ToModelGridd

Measure = Callable[[Callable[[], object]], Cost]


def model_stages(volume: Volume, work: Path, bundle: str, measure: Measure) -> tuple[list[Row], str, Ours]:
    """Cost of the bundle's parts, each given what the one before it made; what was said of the network; and itself."""
    torch.set_num_threads(1)  # a process that ran several threads cannot be forked; the children set their own
    workflow = BundleWorkflow(Path(bundle_root(bundle)), {"device": torch.device("cpu")})
    workflow.part("checkpointloader")(workflow.part("evaluator"))
    case = {"image": image_of(volume), "volume": volume, "plan": volume.plan}
    rows, case = _preprocessing(case, workflow.part("preprocessing").transforms, measure)

    inferer, network = workflow.part("inferer"), for_inference(workflow.part("network"))
    wide = Unrated(network)
    image = case["image"].as_tensor()[None]
    packed = inferer(image, wide)
    cost = measure(lambda: inferer(image, wide))
    rows.append(cpu_row("network", cost, budget=4.0))

    def decoded() -> Any:
        told = {**case, "pred": packed, "look": lambda images: inferer(images, network)}
        return workflow.part("postprocessing")(told)["findings"]

    def finish() -> int:
        findings = decoded()
        result = case_result(volume.plan, volume, findings, timings_s={})
        write_case(work / "case", replace(result, outputs=DEFAULT_OUTPUTS), volume)
        return len(findings)

    findings = finish()  # what is imported at first use is no part of it
    rows.append(cpu_row("candidates, measurement, writers", measure(finish), budget=2.0))
    voxels = image[0, 0].numel()
    dtype = inference_dtype(inferer.precision, torch.device("cpu"))
    shape = "x".join(map(str, image.shape[2:]))
    speed = f"{cost.cpu_s / voxels * 1e6:.3f} core-us per voxel"
    note = f"network: {dtype}, lung box {shape} = {voxels / 1e6:.1f} M voxels, {speed}; {findings} findings"
    return rows, note, Ours(image, inferer, wide, case["lung_box"])


def _preprocessing(case: Any, steps: Any, measure: Measure) -> tuple[list[Row], Any]:
    names = {"LungRegiond": "lung region", "ToModelGridd": "resample, lung box", "WindowHUd": "HU windows"}
    budgets = {"LungRegiond": {"budget": 0.3}, "ToModelGridd": {"budget": 1.0, "peak_budget_gb": 0.6}}
    rows = []
    for step in steps:
        kind = type(step).__name__
        before, case = case, step(case)
        peer = None
        if isinstance(step, ToModelGridd):
            source = grid_of(before["image"])
            start, stop = before[step.region_key]
            block = before["volume"].hu[tuple(map(slice, start, stop))]
            box = to_metatensor(block[None], source.crop(start, block.shape))
            peers.monai_spacing(box[:, :8, :64, :64], step.spacing_mm)
            peer = ("Spacing, same box", measure(partial(peers.monai_spacing, box, step.spacing_mm)))
        rows.append(cpu_row(names.get(kind, kind), measure(partial(step, before)), peer=peer, **budgets.get(kind, {})))
        if isinstance(step, ToModelGridd):
            whole = ToModelGridd(step.keys, step.spacing_mm, step.divisor, region_key=None)
            theirs = measure(partial(peers.monai_spacing, before["image"], step.spacing_mm))
            rows.append(
                cpu_row("resample, whole scan", measure(partial(whole, before)), peer=("Spacing, whole scan", theirs))
            )
    return rows, case
