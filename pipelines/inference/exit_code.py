"""What a run says to the shell."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..records import Status


class ExitCode(IntEnum):
    """Exit codes of the command."""

    OK = 0
    INTERNAL = 1
    USAGE = 2
    SOME_NOT_DONE = 3
    NOTHING_USABLE = 4
    BAD_INPUT_PATH = 5
    OUTPUT_NOT_WRITABLE = 6
    INTERRUPTED = 130


def exit_code(statuses: Iterable[Status], *, complete: bool = True) -> ExitCode:
    """Sum up the cases of a run; a warned case is done, a skipped one is no case.

    ``complete`` is False where the input was too large to be looked through to its end.

    Nothing usable is said of an input without scans, or with rejected ones only: one that failed might have been good.
    """
    cases = [status for status in statuses if status != "skipped"]
    done = sum(status in ("ok", "warned") for status in cases)
    if done == 0 and "failed" not in cases:
        return ExitCode.NOTHING_USABLE
    return ExitCode.OK if done == len(cases) and complete else ExitCode.SOME_NOT_DONE
