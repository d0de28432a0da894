"""What a person should be told of an error that MONAI has wrapped."""

from __future__ import annotations

from .inference.usage_error import UsageError
from .ingest.input_path_error import InputPathError
from .results.output_not_writable import OutputNotWritable

_TOLD = (UsageError, InputPathError, OutputNotWritable)


def told_fault(error: BaseException | None, *more: type[Exception]) -> Exception | None:
    """Return the first of an error and its causes that says what to change (or is one of ``more``); None if none is."""
    while error is not None:
        if isinstance(error, Exception) and isinstance(error, (*_TOLD, *more)):
            return error
        error = error.__cause__
    return None
