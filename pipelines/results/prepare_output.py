"""Make the output folder, mark it as ours, and prove that it can be written."""

from __future__ import annotations

from pathlib import Path

from ..results_marker import MARKER
from .atomic_write import atomic_write, unfinished_beside
from .output_not_writable import writing
from .sweep_unfinished import sweep_unfinished

_MARKER_TEXT = b"Results of resmtnet. While this file is here, resmtnet may replace and remove them.\n"


def prepare_output(output: Path) -> None:
    """Make ``output`` and ``output/cases``, mark it, try to write there, and sweep what a killed run left.

    Raises
    ------
    OutputNotWritable
        It cannot be made or written.
    """
    with writing(output):
        output.mkdir(parents=True, exist_ok=True)
        if not (output / MARKER).exists():  # before anything else: killed from here on, the folder is known as ours
            atomic_write(output / MARKER, _MARKER_TEXT)
        (output / "cases").mkdir(exist_ok=True)
        for folder in (output, output / "cases"):
            trial = unfinished_beside(folder / "trial")
            trial.touch()
            trial.unlink(missing_ok=True)  # another run may sweep it
        sweep_unfinished(output)
