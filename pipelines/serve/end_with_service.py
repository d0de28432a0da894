"""A ``resmtnet`` command that ends when the service that started it does, even by kill -9.

``python -m resmtnet.pipelines.serve.end_with_service infer ...``: stdin is a pipe that the service holds open.
"""

from __future__ import annotations

import os
import signal
import sys
import threading

from ..cli import main


def end_with_service(arguments: list[str]) -> int:
    """Run the command in a process group of its own, which is killed as soon as stdin ends."""
    if os.getpgrp() == os.getpid():  # else the group is that of the shell it was tried out from
        threading.Thread(target=_watch, daemon=True).start()
    return main(arguments)


def _watch() -> None:
    while os.read(0, 1):  # not sys.stdin: its lock would be held when Python ends
        pass
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(end_with_service(sys.argv[1:]))
