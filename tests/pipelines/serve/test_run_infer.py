"""A run as a process of its own: how it ends, and that it does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from resmtnet.pipelines.serve.run_infer import _message, run_infer

CHILD = [sys.executable, "-m", "resmtnet.pipelines.serve.end_with_service"]


def forever() -> bool:
    return True


def test_the_exit_code_and_what_our_command_says(tmp_path):
    arguments = ["infer", str(tmp_path / "missing"), str(tmp_path / "out")]
    outcome = run_infer(arguments, time_limit_s=100, go_on=forever)
    assert outcome.code == 5
    assert outcome.why.startswith("exit code 5, ")
    assert not outcome.stopped


def test_a_long_message_is_cut_not_lost():
    with tempfile.TemporaryFile() as said:
        said.write(b"x" * 10_000 + b"\nresmtnet: " + b"y" * 1000 + b"\n")
        assert _message(said) == f", {'y' * 400}"


def waits(tmp_path: Path) -> list[str]:
    """A command that would read a pipe nobody writes to."""
    os.mkfifo(tmp_path / "config.yaml")
    return ["serve", str(tmp_path / "config.yaml")]


def test_the_time_limit(tmp_path):
    outcome = run_infer(waits(tmp_path), time_limit_s=0.5, go_on=forever)
    assert (outcome.code, outcome.why) == (None, "the time limit was reached")


def test_it_ends_with_the_service(tmp_path):
    end = threading.Event()
    threading.Timer(0.5, end.set).start()
    outcome = run_infer(waits(tmp_path), time_limit_s=100, go_on=lambda: not end.is_set())
    assert outcome.stopped


def test_it_ends_when_the_pipe_of_a_killed_service_does(tmp_path):
    child = subprocess.Popen([*CHILD, *waits(tmp_path)], stdin=subprocess.PIPE, start_new_session=True)
    time.sleep(0.5)
    assert child.poll() is None
    child.stdin.close()  # as the kernel does for a process that is killed
    assert child.wait(60) == -signal.SIGKILL
