"""The way back: what is refused stays, and goes when the archive is there again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pydicom
import pytest

from resmtnet.pipelines.phantom.dicom_series import write_ct_series
from resmtnet.pipelines.results.case_json import SCHEMA_VERSION
from resmtnet.pipelines.serve.database import Database
from resmtnet.pipelines.serve.inbox import Inbox
from resmtnet.pipelines.serve.send_study import send_study
from resmtnet.pipelines.serve.serve_config import Node, Receive, Web
from resmtnet.pipelines.serve.storage_scp import storage_scp
from resmtnet.pipelines.serve.study_queue import StudyQueue

pytest.importorskip("pynetdicom")
# pynetdicom leaves the sockets of refused associations to the garbage collector; conftest.py calls it
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <s:ResourceWarning")
KEY, STUDY = b"0" * 32, "a" * 32
CASE = {"codes": [], "reason": "", "notes": [], "choice": {}, "n_files": 3, "input_digest": "", "plan_digest": ""}
CASE |= {"config_hash": "", "weights_hash": "", "bundle": "", "outputs": [], "timings_s": {}, "findings": []}


@pytest.fixture
def output(tmp_path: Path) -> Path:
    """Two evaluated cases and a rejected one, each with an object; another case of an earlier run. CT can be stored."""
    for n, (case_id, status) in enumerate({"a": "ok", "b": "warned", "c": "rejected", "d": "ok"}.items()):
        case = tmp_path / "out" / "cases" / case_id
        [file] = write_ct_series(case / "dicom", np.zeros((1, 8, 8), np.int16), np.eye(4), seed=n)
        file.rename(case / "dicom" / "segmentation.dcm")
        record = {"schema_version": SCHEMA_VERSION, "case_id": case_id, "status": status, **CASE}
        (case / "case.json").write_text(json.dumps(record))
    (tmp_path / "out" / "run.json").write_text(json.dumps({"case_ids": ["a", "b", "c"]}))
    return tmp_path / "out"


@pytest.fixture
def queue(tmp_path: Path) -> Iterator[StudyQueue]:
    with closing(Database(tmp_path / "queue.sqlite")) as database:
        queue = StudyQueue(database, attempts=1, retry_s=0)
        queue.complete(STUDY, "d1", 1)
        queue.take()
        queue.evaluated(STUDY)
        yield queue


def uids(files: list[Path]) -> list[str]:
    return sorted(pydicom.dcmread(file).SOPInstanceUID for file in files)


def test_by_c_store_once_the_archive_is_there(output, queue, free_port, tmp_path, capfd):
    node = Node("127.0.0.1", free_port(), "ARCHIVE", "RESMTNET")
    send_study(queue.get(STUDY), output, queue, target=node, key=KEY)
    study = queue.get(STUDY)
    assert (study.state, study.reason, study.attempts) == ("sending", "no association", 1)
    archive = Inbox(tmp_path / "archive", KEY, min_free_bytes=0)
    with storage_scp(Receive("ARCHIVE", node.port, ("RESMTNET",)), archive):
        send_study(study, output, queue, target=node, key=KEY)
    assert queue.get(STUDY).state == "done"
    sent = [output / "cases" / case / "dicom" / "segmentation.dcm" for case in ("a", "b")]
    assert uids(list(archive.folder.glob("*/*"))) == uids(sent)


def test_what_was_sent_is_not_sent_again(output, queue, free_port, tmp_path):
    node = Node("127.0.0.1", free_port(), "ARCHIVE", "RESMTNET")
    full = Inbox(tmp_path / "full", KEY, min_free_bytes=2**80)
    with storage_scp(Receive("ARCHIVE", node.port, ("RESMTNET",)), full):
        send_study(queue.get(STUDY), output, queue, target=node, key=KEY)
    assert queue.get(STUDY).reason == "C-STORE was refused (status 0xA700)"
    assert queue.sent(STUDY) == frozenset()
    for name in ("first", "second"):
        archive = Inbox(tmp_path / name, KEY, min_free_bytes=0)
        with storage_scp(Receive("ARCHIVE", node.port, ("RESMTNET",)), archive):
            send_study(queue.get(STUDY), output, queue, target=node, key=KEY)
        assert len(list(archive.folder.glob("*/*"))) == (2 if name == "first" else 0)
        queue.complete(STUDY, f"with {name}", 2)
        queue.take()
        queue.evaluated(STUDY)


def test_by_stow_with_the_password_only(output, queue, orthanc, tmp_path):
    pytest.importorskip("dicomweb_client")
    (tmp_path / "good").write_text(f"{orthanc.password}\n")
    (tmp_path / "bad").write_text("guess")
    target = Web(orthanc.dicomweb, user=orthanc.user, password_file=tmp_path / "bad")
    send_study(queue.get(STUDY), output, queue, target=target, key=KEY)
    assert queue.get(STUDY).reason == "STOW was answered with HTTP status 401"
    target = Web(orthanc.dicomweb, user=orthanc.user, password_file=tmp_path / "good")
    send_study(queue.get(STUDY), output, queue, target=target, key=KEY)
    assert queue.get(STUDY).state == "done"
    assert len(orthanc.objects("CT")) == 2


def test_with_nowhere_to_send_to_results_stay(output, queue):
    send_study(queue.get(STUDY), output, queue, target=None, key=KEY)
    assert queue.get(STUDY).state == "done"
