"""The parts of a run on Ray that need no Ray."""

from __future__ import annotations

import sys
import threading
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from resmtnet.pipelines.cluster.answer import Refusal
from resmtnet.pipelines.cluster.assignments import MAX_LOSSES, PER_WORKER, Assignments
from resmtnet.pipelines.cluster.case_feed import CaseFeed
from resmtnet.pipelines.cluster.check_seen import check_seen
from resmtnet.pipelines.cluster.hand_over_handler import handing_over
from resmtnet.pipelines.cluster.infer_on_ray import infer_on_ray
from resmtnet.pipelines.cluster.ray_address import ray_address
from resmtnet.pipelines.cluster.shared_mark import shared_mark
from resmtnet.pipelines.inference.read_scan import ReadScan
from resmtnet.pipelines.inference.usage_error import UsageError
from resmtnet.pipelines.ingest.input_path_error import InputPathError
from resmtnet.pipelines.records import SeriesPlan
from resmtnet.pipelines.results.output_not_writable import OutputNotWritable
from resmtnet.pipelines.results.sweep_unfinished import sweep_unfinished


def plan(name: str) -> SeriesPlan:
    return SeriesPlan(name, "nifti", Path("/nowhere"), (1, 1, 1), (1.0, 1.0, 1.0), np.eye(4), 1, 1)


def bundle(name: str) -> Path:
    return Path(str(files("resmtnet.bundles"))) / name


def test_addresses():
    found = [ray_address(text) for text in ("ray", "ray://auto", "ray://head-1.local:6379", "ray://[::1]:6379")]
    assert found == ["local", "auto", "head-1.local:6379", "[::1]:6379"]


@pytest.mark.parametrize("text", ["", "slurm", "ray:", "ray://", "ray://head", "ray://head:", "ray://head:1/x"])
def test_what_is_no_address(text):
    with pytest.raises(ValueError, match="ray://HOST:PORT"):
        ray_address(text)


def test_a_worker_never_has_more_than_its_share():
    plans = [plan(name) for name in "abc"]
    left = Assignments(plans)
    held: list[SeriesPlan] = []
    while (one := left.next_for(held)) is not None:
        held.append(one)
    assert held == plans[:PER_WORKER]
    assert len(left) == len(plans) - PER_WORKER


def test_a_deadly_plan_takes_no_other_with_it():
    plans = {name: plan(name) for name in "abcdef"}
    left, done, hopeless, n_lost = Assignments(list(plans.values())), [], [], 0
    held: list[SeriesPlan] = []
    while left or held:
        while (one := left.next_for(held)) is not None:
            held.append(one)
        if plans["b"] in held:
            n_lost += 1
            hopeless += left.lost(held)
            held = []
        else:
            done.append(held.pop(0).case_id)
    assert [one.case_id for one in hopeless] == ["b"]
    assert n_lost == MAX_LOSSES
    assert sorted(done) == list("acdef")


def test_a_suspect_comes_last_and_alone():
    a, b, c = plan("a"), plan("b"), plan("c")
    left = Assignments([a, b, c])
    assert [left.next_for([]), left.next_for([a])] == [a, b]
    assert left.lost([a, b]) == ()
    assert left.next_for([]) is c
    assert left.next_for([c]) is None
    assert left.next_for([]) is a
    assert left.next_for([a]) is None


def test_a_mark_is_seen_where_it_lies_and_nowhere_else(tmp_path):
    with shared_mark(tmp_path) as mark:
        assert mark.is_seen()
        assert sweep_unfinished(tmp_path) == 0
        other = tmp_path / "other"
        other.mkdir()
        assert not replace(mark, path=other / mark.path.name).is_seen()
        (other / mark.path.name).write_text("of another run")
        assert not replace(mark, path=other / mark.path.name).is_seen()
        mark.path.unlink()
        mark.renew()
        assert mark.is_seen()
    assert not mark.path.exists()


def test_a_machine_that_does_not_see_the_folders_is_named(tmp_path):
    with shared_mark(tmp_path) as mark:
        check_seen(tmp_path, mark, "node-7")
        for path, other, what in ((tmp_path / "DOE", mark, "input"), (tmp_path, replace(mark, text=""), "output")):
            with pytest.raises(UsageError, match=f"{what}.*node-7") as told:
                check_seen(path, other, "node-7")
            assert str(tmp_path) not in str(told.value)


def test_a_mark_that_cannot_be_left(tmp_path):
    with pytest.raises(OutputNotWritable), shared_mark(tmp_path / "missing"):
        pass


def test_scans_come_back_in_order_and_a_dead_engine_ends_all_waiting():
    feed = CaseFeed()
    scan = ReadScan(plan("a"), None, None, 0.0)

    def engine() -> None:
        for n, one in enumerate(feed, start=1):
            if n == 3:
                feed.fail(ZeroDivisionError())
                return
            feed.deliver(f"result {n}", {"plan": one.plan})

    thread = threading.Thread(target=engine)
    thread.start()
    assert [feed.compute(scan) for _ in range(2)] == [(f"result {n}", {"plan": scan.plan}) for n in (1, 2)]
    for _ in range(2):  # the one that waits, and one that comes later
        with pytest.raises(ZeroDivisionError):
            feed.compute(scan)
    thread.join()


@pytest.mark.parametrize("error", [UsageError("say so"), InputPathError("not there"), OutputNotWritable("full")])
def test_what_a_worker_refuses_is_raised_by_the_driver(error):
    try:
        raise RuntimeError("wrapped") from error
    except RuntimeError as wrapped:
        refusal = Refusal.of(wrapped, "node-1")
    with pytest.raises(type(error), match=str(error)):
        refusal.raise_it()


def test_an_unforeseen_fault_is_told_without_its_text():
    refusal = Refusal.of(ValueError("/data/DOE_JANE"), "node-1")
    with pytest.raises(RuntimeError, match="node-1 ended: ValueError") as told:
        refusal.raise_it()
    assert "DOE" not in str(told.value)
    assert "DOE" not in repr(Refusal.of(UsageError("/data/DOE_JANE"), "node-1"))


def test_only_the_handler_that_writes_is_replaced():
    writes = {"_target_": "resmtnet.pipelines.inference.write_results_handler.WriteResultsHandler"}
    assert list(handing_over({"handlers": [{"_target_": "a.B"}, writes]})) == ["handlers::1::_target_"]
    for config in ({}, {"handlers": "@them"}, {"handlers": [{"_target_": "a.B"}]}):
        with pytest.raises(UsageError, match="WriteResultsHandler"):
            handing_over(config)


def test_without_ray(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(UsageError, match=r"resmtnet\[cluster\]"):
        infer_on_ray("ray", bundle("lung_nodule_ct"), tmp_path, tmp_path / "out", {})


@pytest.mark.parametrize(
    ("name", "device", "said"),
    [
        ("breast_ultrasound", "auto", "pictures"),
        ("lung_nodule_ct", "cuda:1", "cuda"),
        ("lung_nodule_ct", "cuda", "gpus"),
    ],
)
def test_calls_that_cannot_be_served(tmp_path, name, device, said):
    pytest.importorskip("ray")
    with pytest.raises(UsageError, match=said):
        infer_on_ray("ray", bundle(name), tmp_path, tmp_path / "out", {}, device)
