"""What an exception was raised from."""

from __future__ import annotations


def root_cause(error: BaseException) -> BaseException:
    """Return the exception that others were raised from."""
    while error.__cause__ is not None:
        error = error.__cause__
    return error
