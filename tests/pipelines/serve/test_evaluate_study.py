"""What becomes of a study by how its run ended; the run itself is another process, here one that only ends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

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
