"""Take an output folder into use."""

from __future__ import annotations

from pathlib import Path

from ..results.output_not_writable import OutputNotWritable, writing
from ..results.prepare_output import prepare_output
from ..results_marker import MARKER


def open_output(output: Path) -> None:
    """Make the folder if need be, and see that it is ours and can be written; no result in it is touched.

    Ours is a folder that is empty or that an earlier run marked.

    Raises
    ------
    OutputNotWritable
        It cannot be made or written, or holds something else.
    """
    with writing(output):
        if output.is_dir() and not _is_ours(output):
            raise OutputNotWritable(
                f"{output} is not empty and holds no results of an earlier run. Choose a new or empty folder."
            )
    prepare_output(output)


def _is_ours(output: Path) -> bool:
    return (output / MARKER).is_file() or all(path.name.startswith(".") for path in output.iterdir())
