"""From files that come to a queue, and what is cleared away in the end."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from resmtnet.pipelines.ingest.ingest_error import IngestError
from resmtnet.pipelines.serve.clear_old import clear_old
from resmtnet.pipelines.serve.database import Database
from resmtnet.pipelines.serve.inbox import Inbox
from resmtnet.pipelines.serve.own_folder import own_folder
from resmtnet.pipelines.serve.queue_quiet_studies import queue_quiet_studies
from resmtnet.pipelines.serve.study_queue import StudyQueue

KEY = b"0" * 32


@pytest.fixture
def inbox(tmp_path: Path) -> Inbox:
    return Inbox(tmp_path / "received", KEY, min_free_bytes=0)


@pytest.fixture
def queue(tmp_path: Path) -> Iterator[StudyQueue]:
    with closing(Database(tmp_path / "queue.sqlite")) as database:
        yield StudyQueue(database, attempts=2, retry_s=0)


def put(inbox: Inbox, files: tuple[Path, ...]) -> None:
    for file in files:
        assert inbox.put(file.read_bytes())


def look(inbox: Inbox, queue: StudyQueue, *, quiet_s: float = 0.0, started: float = 0.0, incomplete=()) -> list[str]:
    """Queue what is quiet, and give the states."""
    queue_quiet_studies(inbox, queue, quiet_s=quiet_s, started=started, incomplete=incomplete)
    return [study.state for study in queue.studies()]


def finish(queue: StudyQueue) -> None:
    study = queue.take()
    queue.evaluated(study.name)
    queue.done(queue.unsent())


def test_a_study_waits_until_nothing_comes(inbox, queue, scan):
    put(inbox, scan[:3])
    assert look(inbox, queue, quiet_s=100) == ["received"]
    [name] = inbox.studies()
    hour_ago = time.time() - 3600
    os.utime(inbox.folder / name, (hour_ago, hour_ago))
    assert look(inbox, queue, quiet_s=100, started=time.time()) == ["received"]  # the service was not there meanwhile
    assert look(inbox, queue, quiet_s=100, incomplete=[name]) == ["received"]  # it is being retrieved
    assert look(inbox, queue, quiet_s=100) == ["queued"]


def test_only_what_is_new_is_run(inbox, queue, scan):
    put(inbox, scan[:3])
    assert look(inbox, queue) == ["queued"]
    finish(queue)
    assert look(inbox, queue) == ["done"]
    put(inbox, scan[:3])  # the archive sends it once more
    assert look(inbox, queue) == ["done"]
    put(inbox, scan[3:4])
    assert look(inbox, queue) == ["queued"]


def test_what_comes_while_a_study_runs_is_run_afterwards(inbox, queue, scan):
    put(inbox, scan[:3])
    look(inbox, queue)
    study = queue.take()
    put(inbox, scan[3:4])
    assert look(inbox, queue) == ["running"]
    queue.evaluated(study.name)
    assert look(inbox, queue) == ["queued"]


def test_what_is_cleared_away_is_not_run_again(inbox, queue, scan, tmp_path):
    put(inbox, scan[:3])
    look(inbox, queue)
    [name] = inbox.studies()
    results = tmp_path / "results"
    (results / name).mkdir(parents=True)
    clear_old(inbox, results, queue, keep_days=0, sent=True)
    assert inbox.studies()  # not done yet
    finish(queue)
    clear_old(inbox, results, queue, keep_days=1, sent=True)
    assert inbox.studies()
    clear_old(inbox, results, queue, keep_days=0, sent=False)
    assert not inbox.studies()
    assert (results / name).is_dir()  # they are nowhere else
    clear_old(inbox, results, queue, keep_days=0, sent=True)
    assert not (results / name).exists()
    put(inbox, scan[:3])
    assert look(inbox, queue) == ["done"]


def test_what_comes_while_it_is_cleared_away_is_kept(inbox, queue, scan, tmp_path):
    put(inbox, scan[:3])
    look(inbox, queue)
    finish(queue)
    put(inbox, scan[3:4])
    clear_old(inbox, tmp_path, queue, keep_days=0, sent=True)
    [name] = inbox.studies()
    assert len(inbox.objects(name)) == 4


def test_names_tell_nothing(inbox, scan, tmp_path):
    put(inbox, scan[:1])
    [path] = inbox.folder.glob("*/*")
    other = Inbox(tmp_path / "other", b"1" * 32, min_free_bytes=0)
    put(other, scan[:1])
    [same] = other.folder.glob("*/*")
    assert (len(path.parent.name), len(path.stem)) == (32, 49)
    assert path.parent.name != same.parent.name  # the key is what makes them
    assert (path.stat().st_mode | path.parent.stat().st_mode) & 0o077 == 0


def test_a_half_written_file_of_a_killed_service_is_swept(inbox, tmp_path):
    (inbox.folder / ".coming" / "half").write_bytes(b"DI")
    again = Inbox(inbox.folder, KEY, min_free_bytes=0)
    assert list((again.folder / ".coming").iterdir()) == []
    assert again.studies() == {}


@pytest.mark.parametrize("cut", [0, 100, 300])
def test_a_header_that_ends_too_soon_is_refused(inbox, scan, cut):
    with pytest.raises(IngestError):
        inbox.put(scan[0].read_bytes()[:cut])
    assert inbox.studies() == {}


def test_other_pixels_under_one_uid_replace_nothing(inbox, queue, scan):
    first = scan[0].read_bytes()
    assert inbox.put(first)
    look(inbox, queue)
    finish(queue)
    assert inbox.put(first[:-2] + bytes([first[-2] ^ 1, first[-1]]))
    [name] = inbox.studies()
    assert len(inbox.objects(name)) == 2
    assert look(inbox, queue) == ["queued"]


def test_what_is_never_retrieved_whole_is_failed_and_cleared_away(inbox, queue, scan, tmp_path):
    put(inbox, scan[:3])
    [name] = inbox.studies()
    named = {"quiet_s": 0, "started": 0}
    assert queue_quiet_studies(inbox, queue, incomplete=[name], **named) == 0  # --once does not wait for it
    assert queue.get(name).state == "received"
    queue_quiet_studies(inbox, queue, incomplete=[name], overdue=[name], **named)
    study = queue.get(name)
    assert (study.state, study.reason) == ("failed", "it could not be retrieved whole")
    inbox.remove(name, came=study.came_ns)
    assert inbox.studies() == {}


def test_the_folder_is_closed_to_others(tmp_path):
    tmp_path.chmod(0o755)
    with own_folder(tmp_path):
        assert tmp_path.stat().st_mode & 0o777 == 0o700
