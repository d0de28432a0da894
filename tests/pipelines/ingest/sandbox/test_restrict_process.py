"""What a worker gave up is really gone; each is tried in a process of its own."""

from __future__ import annotations

import signal
import subprocess
import sys

SETUP = """
import os, sys, time
from resmtnet.pipelines.ingest.sandbox.restrict_process import limit_task, restrict_process
restrict_process(2**31)
"""


def run(script: str, *arguments: object) -> int:
    command = [sys.executable, "-c", SETUP + script, *map(str, arguments)]
    return subprocess.run(command, stderr=subprocess.DEVNULL, timeout=60, check=False).returncode


def test_no_file_grows(tmp_path):
    write = (
        "file = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT)\ntry: os.write(file, b'x')\nexcept OSError: sys.exit(7)"
    )
    assert run(write, tmp_path / "file") == 7
    assert (tmp_path / "file").stat().st_size == 0


def test_memory_ends():
    assert run("try: bytearray(2**32)\nexcept MemoryError: sys.exit(7)") == 7


def test_the_memory_of_a_task_cannot_pass_that_of_the_process():
    assert run("limit_task(2**40, 60)\ntry: bytearray(2**32)\nexcept MemoryError: sys.exit(7)") == 7


def test_a_task_that_computes_without_end_is_ended():
    assert run("limit_task(2**31, 0.1)\nimport signal; signal.setitimer(signal.ITIMER_REAL, 0)\nwhile True: pass") == (
        -signal.SIGXCPU
    )


def test_a_task_that_waits_without_end_is_ended():
    assert run("limit_task(2**31, 0.1)\ntime.sleep(60)") == -signal.SIGALRM


def test_a_finished_task_is_left_in_peace():
    end = "from resmtnet.pipelines.ingest.sandbox.restrict_process import end_task\n"
    assert run(end + "limit_task(2**31, -0.5)\nend_task()\ntime.sleep(0.6)\nsys.exit(7)") == 7
