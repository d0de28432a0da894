"""An unforeseen exception in words that may be shown."""

from __future__ import annotations

import traceback

from .root_cause import root_cause

_PACKAGE = __name__.split(".", maxsplit=1)[0]


def name_fault(error: BaseException) -> str:
    """Name an unforeseen exception by its type and the last line of this package: ``OSError in package.module:7``.

    Its message is left out: it may quote paths or values of the scan.
    """
    error = root_cause(error)
    frames = [(frame.f_globals.get("__name__", ""), line) for frame, line in traceback.walk_tb(error.__traceback__)]
    ours = [f" in {module}:{line}" for module, line in frames if module.startswith(f"{_PACKAGE}.")]
    return f"{type(error).__name__}{ours[-1] if ours else ''}"
