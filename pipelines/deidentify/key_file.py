"""The key that all pseudonyms hang on."""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path

from ..inference.usage_error import UsageError

_KEY_BYTES = 32


def read_key(path: Path) -> bytes:
    """Read the key (64 hexadecimal digits), or make a new one with mode 0600 where there is no file.

    Raises
    ------
    UsageError
        The file cannot be read or made, is no regular file, may be read by others, or holds no key.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return _make(path)
    except OSError as error:
        raise UsageError(f"The key file cannot be read ({type(error).__name__}).") from None
    with os.fdopen(descriptor, "rb") as stream:
        see_private(os.fstat(descriptor).st_mode, "The key file")
        text = stream.read(2 * _KEY_BYTES + 3).strip()
    if len(text) != 2 * _KEY_BYTES or text.strip(b"0123456789abcdefABCDEF"):
        raise UsageError(f"The key file holds no key ({2 * _KEY_BYTES} hexadecimal digits).")
    return bytes.fromhex(text.decode())


def see_private(mode: int, what: str) -> None:
    """See that a file is a regular one that nobody else may read or write."""
    if not stat.S_ISREG(mode):
        raise UsageError(f"{what} is no regular file.")
    if mode & 0o077:
        raise UsageError(f"{what} may be read or written by others (mode {mode & 0o777:o}). Set its mode to 600.")


def _make(path: Path) -> bytes:
    key = secrets.token_bytes(_KEY_BYTES)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(key.hex().encode() + b"\n")
            stream.flush()
            os.fsync(descriptor)
    except OSError as error:
        raise UsageError(f"The key file cannot be made ({type(error).__name__}).") from None
    return key
