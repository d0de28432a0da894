"""The input path of a command, looked at before anything is made or done."""

from __future__ import annotations

from pathlib import Path

from .input_path_error import InputPathError


def check_input(path: Path) -> None:
    """See that there is something at the path.

    Raises
    ------
    InputPathError
        It does not exist or may not be looked at.
    """
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        raise InputPathError("The input path does not exist.") from None
    except OSError as error:
        raise InputPathError(f"The input path cannot be read ({type(error).__name__}).") from None
