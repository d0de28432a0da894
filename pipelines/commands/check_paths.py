"""Input, output and JSON file of a command, looked at before any work."""

from __future__ import annotations

import argparse
from os.path import realpath
from pathlib import Path

from .say import check_file

MASKS = "masks"
"""What the converters make in OUTPUT beside the list."""
_OPTIONAL = ("scans", "table", "xml", "tables", "subsets", "patients")


def check_paths(arguments: argparse.Namespace) -> None:
    """See that there is an input, and that output and JSON go elsewhere.

    Raises
    ------
    InputPathError, OutputNotWritable, UsageError
    """
    from ..inference.keep_apart import keep_apart
    from ..ingest.check_input import check_input
    from ..ingest.input_path_error import InputPathError
    from ..results.output_not_writable import OutputNotWritable

    check_input(arguments.input)
    for name in _OPTIONAL:
        path = getattr(arguments, name, None)
        if path is not None:
            try:
                check_input(path)
            except InputPathError as error:
                raise InputPathError(f"--{name}: {error}") from None
    for source in filter(None, (arguments.input, getattr(arguments, "scans", None))):
        keep_apart(source, arguments.output)
        if Path(realpath(source)).is_relative_to(Path(realpath(arguments.output)) / MASKS):
            raise OutputNotWritable(f"Input lies in {MASKS} of OUTPUT, which is written. Choose another OUTPUT.")
    check_file(arguments.json, arguments.input, arguments.output)
