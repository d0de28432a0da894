"""Take a folder for converted scans into use."""

from __future__ import annotations

from os.path import realpath
from pathlib import Path

from ..results.atomic_write import atomic_write, unfinished_beside
from ..results.output_not_writable import OutputNotWritable, writing
from ..results.sweep_unfinished import sweep_unfinished

MARKER = ".resmtnet-convert"
"""A folder with a file of this name holds converted scans, which a later run may replace. Results of inference have a
marker of their own, so that the two never share a folder."""

_MARKER_TEXT = b"Scans converted by resmtnet. While this file is here, resmtnet may replace and remove them.\n"


def open_folder(source: Path, output: Path) -> None:
    """Make the folder if need be, see that it is ours and can be written, and sweep what a killed run left.

    Raises
    ------
    OutputNotWritable
        It cannot be made or written, holds something else, or holds the input.
    """
    if Path(realpath(source)).is_relative_to(realpath(output)):
        raise OutputNotWritable("INPUT is the OUTPUT folder or lies in it. Choose another folder for OUTPUT.")
    with writing(output):
        if output.is_dir() and not _is_ours(output):
            raise OutputNotWritable(
                f"{output} is not empty and holds no converted scans. Choose a new or empty folder."
            )
        output.mkdir(parents=True, exist_ok=True)
        if (output / MARKER).exists():
            trial = unfinished_beside(output / "trial")
            trial.touch()
            trial.unlink(missing_ok=True)  # another run may sweep it
        else:
            atomic_write(output / MARKER, _MARKER_TEXT)
        sweep_unfinished(output)


def _is_ours(output: Path) -> bool:
    names = [path.name for path in output.iterdir()]
    return MARKER in names or all(name.startswith(".") for name in names)
