"""What a command says to people, and to scripts."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from os.path import realpath
from pathlib import Path
from typing import Any


def say(text: str) -> None:
    """Print to stdout; a reader that has gone (``| head``) does not change how the command ends."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else Python complains when it ends


def fail(message: str, code: int) -> int:
    """Print why the command ends and give its exit code."""
    print(f"resmtnet: {message}", file=sys.stderr)
    return int(code)


def counted(by_name: Mapping[str, int]) -> str:
    """Give counts as words."""
    return ", ".join(f"{count} {name}" for name, count in sorted(by_name.items())) or "none"


def check_file(file: str | None, source: Path, output: Path | None = None) -> None:
    """See, before any work, that a file can be written and overwrites no scan.

    Raises
    ------
    UsageError
        It lies in ``source`` (but not in ``output``).
    OutputNotWritable
        It is a folder, or its folder is not there.
    """
    if file is None or file == "-":
        return
    from ..inference.usage_error import UsageError
    from ..results.output_not_writable import OutputNotWritable

    path = Path(realpath(file))
    in_output = output is not None and path.is_relative_to(realpath(output))
    if path.is_relative_to(realpath(source)) and not in_output:
        raise UsageError("The file to write is INPUT or lies in it. Choose another.")
    if path.is_dir() or not (in_output or path.parent.is_dir()):
        raise OutputNotWritable(f"cannot write to {file}: it is a folder, or its folder does not exist.")


def put_json(value: Any, file: str) -> None:
    """Write JSON to a file, ``-`` for stdout."""
    text = json.dumps(value, indent=2)
    if file == "-":
        say(text)
        return
    from ..results.output_not_writable import writing

    with writing(Path(file)):
        Path(file).write_text(text + "\n", encoding="utf-8")
