"""What becomes of a study by how its run ended; the run itself is another process, here one that only ends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest

from resmtnet.pipelines.inference.exit_code import ExitCode
from resmtnet.pipelines.serve import evaluate_study as module
from resmtnet.pipelines.serve.database import Database
from resmtnet.pipelines.serve.evaluate_study import evaluate_study
from resmtnet.pipelines.serve.run_infer import Outcome
from resmtnet.pipelines.serve.serve_config import Run
from resmtnet.pipelines.serve.study import Study
from resmtnet.pipelines.serve.study_queue import StudyQueue

STUDY = "a" * 32


@pytest.fixture
def queue(tmp_path: Path) -> Iterator[StudyQueue]:
    with closing(Database(tmp_path / "queue.sqlite")) as database:
        queue = StudyQueue(database, attempts=1, retry_s=1000)
        queue.complete(STUDY, "d1", 1)
        yield queue


def run_once(queue: StudyQueue, tmp_path: Path, monkeypatch, code: int, digest: str = "d1") -> Study:
    monkeypatch.setattr(module, "run_infer", lambda *_, **__: Outcome(code, f"exit code {code}"))
    study, folder = queue.take(), tmp_path / "none"
    evaluate_study(study, folder, folder, queue, run=Run(), id_key=folder, digest=lambda: digest, go_on=lambda: True)
    return queue.get(STUDY)


def test_nothing_is_sent_of_a_study_that_grew_during_its_run(queue, tmp_path, monkeypatch):
    assert run_once(queue, tmp_path, monkeypatch, ExitCode.OK, digest="d2").state == "received"
    assert queue.unsent() is None
    assert queue.complete(STUDY, "d2", 2)
    assert run_once(queue, tmp_path, monkeypatch, ExitCode.OK, digest="d2").state == "sending"


@pytest.mark.parametrize("code", [ExitCode.USAGE, ExitCode.OUTPUT_NOT_WRITABLE])
def test_a_fault_of_the_machine_is_no_attempt(queue, tmp_path, monkeypatch, code):
    study = run_once(queue, tmp_path, monkeypatch, code)
    assert (study.state, study.attempts, study.reason) == ("queued", 0, f"infer: exit code {code}")
    assert study.next_at - study.changed_at == pytest.approx(1000)
    assert queue.take() is None
    queue.hurry()  # as the service does when it begins
    assert run_once(queue, tmp_path, monkeypatch, ExitCode.INTERNAL).state == "failed"


@pytest.mark.parametrize(("statuses", "state"), [(("ok", "failed"), "sending"), (("failed",), "failed")])
def test_a_series_that_failed_is_tried_again_and_does_not_hold_up_the_others_for_ever(
    tmp_path, monkeypatch, statuses, state
):
    codes = {"ok": (), "failed": ("F_OUT_OF_MEMORY",)}
    records = tuple(SimpleNamespace(status=status, codes=codes[status]) for status in statuses)
    monkeypatch.setattr(module, "run_cases", lambda _: records)
    code = ExitCode.SOME_NOT_DONE if "ok" in statuses else ExitCode.NOTHING_USABLE
    with closing(Database(tmp_path / "queue.sqlite")) as database:
        queue = StudyQueue(database, attempts=2, retry_s=0)
        queue.complete(STUDY, "d1", 1)
        first = run_once(queue, tmp_path, monkeypatch, code)
        assert (first.state, first.attempts) == ("queued", 1)
        assert "F_OUT_OF_MEMORY" in first.reason
        last = run_once(queue, tmp_path, monkeypatch, code)
        assert last.state == state
        assert "F_OUT_OF_MEMORY" in last.reason


def test_a_series_that_was_refused_is_not_tried_again(tmp_path, monkeypatch):
    records = SimpleNamespace(status="ok", codes=()), SimpleNamespace(status="rejected", codes=("E_FEW",))
    monkeypatch.setattr(module, "run_cases", lambda _: records)
    with closing(Database(tmp_path / "queue.sqlite")) as database:
        queue = StudyQueue(database, attempts=2, retry_s=1000)
        queue.complete(STUDY, "d1", 1)
        study = run_once(queue, tmp_path, monkeypatch, ExitCode.SOME_NOT_DONE)
        assert (study.state, study.reason) == ("sending", "left out: E_FEW")
