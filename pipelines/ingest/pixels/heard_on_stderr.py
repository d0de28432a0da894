"""What a C library says of the data while it goes on with data that it made up."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TypeVar

_Result = TypeVar("_Result")
_STDERR = 2
_MAX_BYTES = 2**16  # what a pipe holds


def heard_on_stderr(work: Callable[[], _Result]) -> tuple[_Result, bytes]:
    """Do some work and give its result, and the first 64 KiB that anything wrote to file descriptor 2 meanwhile.

    It is that of the whole process, so this is for workers, which do one thing at a time.
    """
    there, here = os.pipe()
    before = os.dup(_STDERR)
    try:
        os.set_blocking(there, False)
        os.set_blocking(here, False)  # what does not fit is lost; nobody waits
        os.dup2(here, _STDERR)
        try:
            result = work()
        finally:
            os.dup2(before, _STDERR)
        try:
            return result, os.read(there, _MAX_BYTES)
        except BlockingIOError:
            return result, b""
    finally:
        for descriptor in (there, here, before):
            os.close(descriptor)
