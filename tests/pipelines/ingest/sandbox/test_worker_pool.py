"""Workers that die, hang or lie cost one series; the next one is read as if nothing had been."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from resmtnet.pipelines.ingest.ingest_error import IngestError
from resmtnet.pipelines.ingest.read_dicom_series import read_dicom_series
from resmtnet.pipelines.ingest.sandbox.limits import Limits
from resmtnet.pipelines.ingest.sandbox.restrict_process import MAX_OPEN_FILES
from resmtnet.pipelines.ingest.sandbox.task import Task
from resmtnet.pipelines.ingest.sandbox.worker_process import WorkerProcess


def test_a_worker_killed_at_work_fails_its_series_alone(make_series, make_pool):
    plan, hu = make_series()
    pool = make_pool()
    read_dicom_series(plan, pool)
    victim, other = pool.pids
    os.kill(victim, signal.SIGSTOP)  # so that it is killed in the middle of its task for sure
    timer = threading.Timer(0.3, os.kill, (victim, signal.SIGKILL))
    timer.start()
    with pytest.raises(IngestError, match=r"F_WORKER_DIED.*\(signal 9\).*\(slice \d+ of 12\)") as caught:
        read_dicom_series(plan, pool)
    timer.join()
    assert caught.value.status == "failed"
    np.testing.assert_array_equal(read_dicom_series(plan, pool).hu, hu)
    assert victim not in pool.pids
    assert other in pool.pids
    assert len(pool.pids) == 2


def test_a_worker_that_died_idle_is_not_missed(make_series, make_pool):
    plan, hu = make_series()
    pool = make_pool()
    read_dicom_series(plan, pool)
    for pid in pool.pids:
        os.kill(pid, signal.SIGKILL)
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    np.testing.assert_array_equal(read_dicom_series(plan, pool).hu, hu)


def test_a_worker_that_hangs_is_ended_in_time(make_series, make_pool):
    plan, hu = make_series()
    pool = make_pool(base_s=3.0)
    read_dicom_series(plan, pool)
    victim = pool.pids[0]
    os.kill(victim, signal.SIGSTOP)
    with pytest.raises(IngestError, match="F_WORKER_TIMEOUT") as caught:
        read_dicom_series(plan, pool)
    assert caught.value.status == "failed"
    assert not Path(f"/proc/{victim}").exists()
    np.testing.assert_array_equal(read_dicom_series(plan, pool).hu, hu)


def test_threads_take_turns(make_series, make_pool):
    series = [make_series(coding, coding) for coding in ("JPEG-LS", "RLE", "JPEG lossless", "deflated")]
    pool = make_pool()
    with ThreadPoolExecutor(4) as threads:
        volumes = list(threads.map(lambda one: read_dicom_series(one[0], pool).hu, series * 3))
    for hu, (_, expected) in zip(volumes, series * 3, strict=True):
        np.testing.assert_array_equal(hu, expected)
    assert len(pool.pids) == 2


def test_limits_hold_in_the_worker(make_series, make_pool):
    pool = make_pool(memory_bytes=3 * 2**30, base_s=50)
    plan, hu = make_series()
    read_dicom_series(plan, pool)
    for pid in pool.pids:
        lines = Path(f"/proc/{pid}/limits").read_text().splitlines()[1:]
        limits = {line[:26].strip(): line[26:].split()[:2] for line in lines}
        assert limits["Max core file size"] == limits["Max file size"] == ["0", "0"]
        assert limits["Max open files"] == [str(MAX_OPEN_FILES)] * 2
        assert 3 * 2**30 < int(limits["Max address space"][0]) <= 3 * 2**30 + hu.nbytes
        assert 50 <= int(limits["Max cpu time"][0]) <= 55
        assert "NoNewPrivs:\t1" in Path(f"/proc/{pid}/status").read_text()
        environment = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
        assert b"OPENBLAS_NUM_THREADS=1" in environment
        assert not any(entry.startswith(b"HOME=") for entry in environment)
        assert os.readlink(f"/proc/{pid}/cwd") == "/"  # noqa: PTH115


def no_result(numbers: tuple[float, ...]) -> None:
    if numbers != (1,):
        raise ValueError("not asked for")


LIES = {
    "nonsense": b"cos\nsystem\n",
    "another result": b'["at", "", [0]]\n["at", "", [1]]\n["done", "", [2]]\n',
    "done before its steps": b'["at", "", [0]]\n["done", "", [1]]\n',
    "a step left out": b'["at", "", [1]]\n',
    "a step back": b'["at", "", [0]]\n["at", "", [0]]\n',
    "a step too many": b'["at", "", [0]]\n["at", "", [1]]\n["at", "", [2]]\n',
    "two answers": b'["fault", "E_BAD_HEADER", []]\n["done", "", [1]]\n',
    "an endless line": b"[" * 10_000,
}


def told(said: bytes, steps: int = 2) -> str | None:
    """The code that comes of it when this is said in place of the worker."""
    worker = WorkerProcess(Limits())
    worker.socket.close()
    worker.socket, liar = socket.socketpair()
    try:
        assert worker.begin(Task("slices", {}, no_result, steps=steps)) is None
        liar.sendall(said)
        while (outcome := worker.hear()) is None:
            time.sleep(0.001)
        return outcome.error and outcome.error.code
    finally:
        liar.close()
        worker.stop()


@pytest.mark.parametrize("lie", LIES)
def test_a_worker_that_lies_is_not_believed(lie):
    assert told(LIES[lie]) == "F_WORKER_DIED"


def test_a_worker_that_says_what_it_should_is_believed():
    assert told(b'["at", "", [0]]\n["at", "", [1]]\n["done", "", [1]]\n') is None
    assert told(b'["at", "", [0]]\n["fault", "memory", []]\n') == "E_TOO_LARGE"
