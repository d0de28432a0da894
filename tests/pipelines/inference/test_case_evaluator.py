from __future__ import annotations

import gc
import json
import math
import weakref
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from ignite.engine import Events
from torch import nn

from resmtnet.pipelines.inference.case_evaluator import CaseEvaluator
from resmtnet.pipelines.inference.read_scan import ReadScan
from resmtnet.pipelines.inference.scan_dataset import ScanDataset
from resmtnet.pipelines.inference.write_results_handler import WriteResultsHandler
from resmtnet.pipelines.ingest.plan_scans import ScanList
from resmtnet.pipelines.records import CaseResult, Finding, FindingMask, SeriesPlan, Volume
from resmtnet.pipelines.results.finished_cases import finished_cases

SHAPE = (16, 16, 16)


def scan(case_id: str, hu: float = 0.0, codes: tuple[str, ...] = ()) -> ReadScan:
    plan = SeriesPlan(case_id, "nifti", Path("x"), SHAPE, (1.0, 1.0, 1.0), np.eye(4), 1, 1, codes=codes)
    return ReadScan(plan, Volume(np.full(SHAPE, hu, np.float32), np.eye(4), plan), None, 0.5)


class Picky(nn.Conv3d):
    """A network that cannot bear some values."""

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        if image.max() == 1:
            raise ArithmeticError("DOE^JOHN")
        if image.max() == 2:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return super().forward(image)


def no_findings(data: dict) -> dict:
    return {**data, "findings": ()}


def run(scans: list[ReadScan], transform=None, watch=None) -> dict[str, CaseResult]:
    results: list[CaseResult] = []
    evaluator = CaseEvaluator("cpu", ScanDataset(scans, transform), Picky(1, 1, 1), postprocessing=no_findings)
    evaluator.add_event_handler(Events.ITERATION_COMPLETED, lambda e: results.append(e.state.output["result"]))
    if watch is not None:
        evaluator.add_event_handler(Events.ITERATION_COMPLETED, watch)
    evaluator.run()
    return {result.case_id: result for result in results}


def test_a_case_that_fails_leaves_a_record_and_the_next_one_is_done():
    results = run([scan("a"), scan("b", hu=1), scan("c", hu=2), scan("d")])
    assert [(r.status, r.codes) for r in results.values()] == [
        ("ok", ()),
        ("failed", ("F_INFERENCE",)),
        ("failed", ("F_OUT_OF_MEMORY",)),
        ("ok", ()),
    ]
    assert "DOE" not in results["b"].reason


def test_a_scan_that_was_not_read_or_not_prepared_is_passed_on():
    failure = CaseResult("a", "rejected", ("E_NAN",))
    unread = ReadScan(scan("a").plan, None, failure, 0.1)

    def refuse(case: dict) -> dict:
        raise KeyError("DOE^JOHN")

    results = run([unread, scan("b")], transform=refuse)
    assert results["a"] is failure
    assert results["b"].codes == ("F_PREPARE",)
    assert "DOE" not in results["b"].reason


def test_warnings_and_timings_are_in_the_record():
    result = run([scan("a", codes=("W_LOSSY",))])["a"]
    assert (result.status, result.codes) == ("warned", ("W_LOSSY",))
    assert set(result.timings_s) == {"read", "prepare", "network", "decode"}
    assert result.timings_s["read"] == 0.5
    assert result.shape_ijk == SHAPE


def test_no_scan_at_all_is_no_error():
    assert run([]) == {}


def test_a_scan_is_let_go_of_before_the_next_is_evaluated():
    volumes: list[weakref.ref[Volume]] = []
    alive: list[int] = []

    def scans():
        for name in "abc":
            read = scan(name)
            volumes.append(weakref.ref(read.volume))
            yield read
            del read

    def watch() -> None:
        gc.collect()
        alive.append(sum(volume() is not None for volume in volumes))

    evaluator = CaseEvaluator("cpu", ScanDataset(scans()), Picky(1, 1, 1), postprocessing=no_findings)
    evaluator.add_event_handler(Events.ITERATION_STARTED, watch)
    evaluator.run()
    assert alive == [1, 1, 1]


def test_the_image_is_let_go_of_before_the_output_is_decoded():
    images: list[weakref.ref[torch.Tensor]] = []
    alive: list[bool] = []

    def prepare(case: dict) -> dict:
        images.append(weakref.ref(case["image"]))
        return case

    class Watched(Picky):
        def forward(self, image: torch.Tensor) -> torch.Tensor:
            images.append(weakref.ref(image))
            return super().forward(image)

    def decode(data: dict) -> dict:
        gc.collect()
        alive.extend(image() is not None for image in images)
        return no_findings(data)

    evaluator = CaseEvaluator("cpu", ScanDataset([scan("a")], prepare), Watched(1, 1, 1), postprocessing=decode)
    evaluator.run()
    assert alive == [False, False]


def test_the_network_itself_is_left_as_it_was():
    network = nn.Sequential(nn.Conv3d(1, 1, 1, bias=False), nn.BatchNorm3d(1)).train()
    evaluator = CaseEvaluator("cpu", ScanDataset([scan("a")]), network, postprocessing=no_findings)
    evaluator.run()
    assert evaluator.network is network
    assert isinstance(network[1], nn.BatchNorm3d)
    assert network.training


def test_a_fault_of_a_handler_is_not_taken_for_one_of_the_case():
    evaluator = CaseEvaluator("cpu", ScanDataset([scan("a")]), Picky(1, 1, 1), postprocessing=no_findings)

    @evaluator.on(Events.ITERATION_COMPLETED)
    def _full_disk() -> None:
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        evaluator.run()


class NoMemory(float):
    """A number that there is no memory to write down."""

    def __format__(self, spec: str) -> str:
        raise MemoryError


@pytest.mark.parametrize(
    ("mean_hu", "code"), [(math.nan, "F_WRITE"), (object(), "F_WRITE"), (NoMemory(), "F_OUT_OF_MEMORY")]
)
def test_a_result_that_cannot_be_written_down_is_a_failure_of_its_case_alone(mean_hu, code, tmp_path):
    def one_finding(data: dict) -> dict:
        return {**data, "findings": (finding(mean_hu if data["plan"].case_id == "a" else 0.0),)}

    scans = SimpleNamespace(shard=None, scans=ScanList((scan("a").plan, scan("b").plan), (), 2))
    identity = SimpleNamespace(config_hash="c", weights_hash="w", versions={})
    handler = WriteResultsHandler(tmp_path, scans, identity, bundle="x")
    data = ScanDataset([scan("a"), scan("b")])
    CaseEvaluator("cpu", data, Picky(1, 1, 1), postprocessing=one_finding, val_handlers=[handler]).run()
    records = finished_cases(tmp_path)
    assert records["a"].codes == (code,)
    assert records["b"].status == "ok"
    assert json.loads((tmp_path / "run.json").read_bytes())["exit_code"] == 3


def finding(mean_hu: float) -> Finding:
    point, box = (1.0, 1.0, 1.0), ((0.0, 0.0, 0.0), (2.0, 2.0, 2.0))
    return Finding(
        finding_id=1,
        probability=0.5,
        centre_lps_mm=point,
        centre_ijk=point,
        box_lps_mm=box,
        box_ijk=box,
        long_axis_mm=2.0,
        short_axis_mm=2.0,
        long_axis_lps_mm=box,
        short_axis_lps_mm=box,
        diameter_3d_mm=2.0,
        volume_mm3=8.0,
        mean_hu=mean_hu,
        malignancy_probability=0.5,
        malignancy_sd=1.0,
        calibrated=False,
        outline_uncertainty=0.2,
        attributes={},
        lung_side="left",
        key_slice_k=1,
        mask=FindingMask((0, 0, 0), np.ones((2, 2, 2), bool)),
    )
