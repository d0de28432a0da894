"""A faulty call: the path given to the command cannot be used."""

from __future__ import annotations


class InputPathError(Exception):
    """The input path does not exist, may not be read, or is neither a file nor a folder."""
