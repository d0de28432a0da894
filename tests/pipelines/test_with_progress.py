from __future__ import annotations

import os
import pty
import subprocess
import sys
import termios

import numpy as np
import pytest

from resmtnet.pipelines.phantom.dicom_series import write_ct_series
from resmtnet.pipelines.phantom.linear import linear_phantom

AFFINE = np.array([[0.7, 0, 0, -15], [0, 0.8, 0, -12], [0, 0, 2.5, -110], [0, 0, 0, 1]])  # values as in air and lung
COMMANDS = {
    "ingest": (["in"], ["files", "scans"]),
    "convert": (["in", "out"], ["files", "scans"]),
    "deidentify": (["in", "out", "--key", "key"], ["files"]),
}


def on_a_terminal(folder, *arguments: str) -> tuple[int, str]:
    """Exit code, and what a terminal as stderr was sent."""
    terminal, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 80))  # a new one has no size
    command = [sys.executable, "-m", "resmtnet.pipelines.cli", *arguments]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=theirs) as child:
        os.close(theirs)
        sent = b""
        try:
            while part := os.read(terminal, 4096):
                sent += part
        except OSError:  # Linux says so when the other end is closed
            pass
    os.close(terminal)
    return child.returncode, sent.decode()


@pytest.mark.parametrize("command", COMMANDS)
def test_a_terminal_is_shown_what_is_done(command, tmp_path):
    write_ct_series(tmp_path / "in", linear_phantom((6, 32, 40), AFFINE), AFFINE)
    arguments, named = COMMANDS[command]
    code, sent = on_a_terminal(tmp_path, command, *arguments)
    assert code == 0
    for what in named:
        assert f"{what}:" in sent
    assert "/6" in sent
    assert str(tmp_path) not in sent
    assert on_a_terminal(tmp_path, command, *arguments, "--quiet") == (0, "")
