"""The queue, by what it says after each step; every opening of the file is a new life of the service."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from resmtnet.pipelines.serve.back_off import back_off
from resmtnet.pipelines.serve.database import Database
from resmtnet.pipelines.serve.pull_ledger import PullLedger
from resmtnet.pipelines.serve.study_queue import StudyQueue

A, B = "a" * 32, "b" * 32


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with closing(Database(tmp_path / "queue.sqlite")) as database:
        yield database


@pytest.fixture
def queue(database: Database) -> StudyQueue:
    return StudyQueue(database, attempts=2, retry_s=0)


def state(queue: StudyQueue, name: str = A) -> str:
    study = queue.get(name)
    assert study is not None
    return study.state


def evaluated(queue: StudyQueue, digest: str = "d1") -> None:
    queue.complete(A, digest, 1)
    study = queue.take()
    assert study is not None
    queue.evaluated(study.name)


def test_the_file_is_made_to_survive(tmp_path):
    with closing(Database(tmp_path / "queue.sqlite")) as database:
        assert database.do("PRAGMA journal_mode")[0][0] == "wal"
        assert database.do("PRAGMA synchronous")[0][0] == 2  # FULL


def test_the_way_of_a_study(queue):
    queue.receiving(A)
    assert state(queue) == "received"
    assert queue.take() is None
    assert queue.complete(A, "d1", 1)
    assert state(queue) == "queued"
    study = queue.take()
    assert (study.name, study.state, study.attempts) == (A, "running", 1)
    assert queue.take() is None
    queue.evaluated(A)
    assert state(queue) == "sending"
    queue.done(queue.unsent())
    assert state(queue) == "done"
    assert queue.unsent() is None


def test_the_one_that_waited_longest_is_first(queue):
    queue.complete(B, "d", 1)
    queue.complete(A, "d", 1)
    assert [queue.take().name, queue.take().name] == [B, A]


def test_the_same_objects_are_not_evaluated_again_and_new_ones_are(queue):
    evaluated(queue)
    queue.done(queue.unsent())
    assert not queue.complete(A, "d1", 2)
    assert state(queue) == "done"
    assert queue.get(A).came_ns == 2
    assert queue.complete(A, "d2", 3)
    assert (state(queue), queue.get(A).attempts) == ("queued", 0)


def test_a_run_is_not_disturbed_by_new_objects(queue):
    queue.complete(A, "d1", 1)
    queue.take()
    queue.receiving(A)
    assert not queue.complete(A, "d2", 2)
    assert (state(queue), queue.get(A).digest) == ("running", "d1")


def test_new_objects_while_results_are_sent_are_not_forgotten(queue):
    evaluated(queue)
    study = queue.unsent()
    assert queue.complete(A, "d2", 2)
    queue.done(study)
    assert state(queue) == "queued"


def test_a_queued_study_that_grows_waits(queue):
    queue.complete(A, "d1", 1)
    queue.receiving(A)
    assert queue.take() is None


def test_what_was_killed_is_run_again_and_failed_in_the_end(tmp_path):
    with closing(Database(tmp_path / "queue.sqlite")) as database:
        StudyQueue(database, attempts=2, retry_s=0).complete(A, "d1", 1)
    for attempt in (1, 2):
        with closing(Database(tmp_path / "queue.sqlite")) as database:
            queue = StudyQueue(database, attempts=2, retry_s=0)
            queue.recover()
            assert queue.take().attempts == attempt
    with closing(Database(tmp_path / "queue.sqlite")) as database:
        queue = StudyQueue(database, attempts=2, retry_s=0)
        queue.recover()
        assert state(queue) == "failed"
        assert queue.get(A).reason == "the service ended in the middle of every attempt"


def test_a_run_that_breaks_off_is_tried_so_often(queue):
    queue.complete(A, "d1", 1)
    for expected in ("queued", "failed"):
        queue.try_again(queue.take(), "exit code 1")
        assert (state(queue), queue.get(A).reason) == (expected, "exit code 1")
    assert queue.complete(A, "d1", 2)  # sent once more: asked for
    assert state(queue) == "queued"


def test_a_run_that_we_stopped_is_no_attempt(queue):
    queue.complete(A, "d1", 1)
    for _ in range(5):
        queue.give_back(queue.take().name)
    assert (state(queue), queue.get(A).attempts) == ("queued", 0)


def test_what_is_refused_waits_and_is_never_given_up(database):
    queue = StudyQueue(database, attempts=1, retry_s=1000)
    evaluated(queue)
    for tries in range(1, 4):
        queue.send_again(queue.unsent(), "no association")
        study = queue.get(A)
        assert (study.state, study.attempts) == ("sending", 1)
        assert study.next_at - study.changed_at == pytest.approx(1000)
        assert queue.unsent() is None, tries
        queue.hurry()


def test_what_was_sent_is_remembered(queue):
    queue.note_sent(A, "seg")
    queue.note_sent(A, "seg")
    assert queue.sent(A) == {"seg"}
    assert queue.sent(B) == frozenset()


def test_only_failed_studies_are_revived(queue):
    queue.complete(A, "d1", 1)
    assert not queue.revive(A)
    queue.take()
    queue.fail(A, "no usable CT series")
    assert queue.revive(A)
    assert (state(queue), queue.get(A).attempts) == ("queued", 0)


def test_the_wait_doubles_up_to_an_hour():
    assert [back_off(60, n) for n in (1, 2, 3)] == [60, 120, 240]
    assert back_off(60, 10**6) == 3600


def test_a_study_of_an_archive_is_due_once_it_is_quiet(database):
    ledger = PullLedger(database, quiet_s=0, retry_s=1000)
    patient = PullLedger(database, quiet_s=1000, retry_s=1000)
    assert patient.see(A, "f1") == "waits"
    assert ledger.see(A, "f1") == "due"
    ledger.taking(A)
    assert ledger.incomplete() == {A}
    ledger.fault(A)
    assert ledger.see(A, "f1") == "faulty"
    assert ledger.incomplete() == {A}
    assert ledger.see(A, "f2") == "due"  # it has changed: asked for at once
    ledger.taken(A)
    assert ledger.see(A, "f2") == "taken"
    assert ledger.incomplete() == frozenset()
    assert ledger.see(A, "f3") == "due"


def test_a_retrieval_in_which_we_were_killed_is_put_off_and_one_that_we_stopped_is_not(database):
    ledger = PullLedger(database, quiet_s=0, retry_s=1000)
    ledger.see(A, "f1")
    ledger.taking(A)
    assert ledger.see(A, "f1") == "faulty"
    ledger.stopped(A)
    assert ledger.see(A, "f1") == "due"
    assert (ledger.incomplete(), ledger.overdue()) == ({A}, frozenset())
    database.do("UPDATE remote SET since = since - 8 * 86400")
    assert ledger.overdue() == {A}
