"""Make the output folder and prove that it can be written."""

from __future__ import annotations

from pathlib import Path

from .atomic_write import unfinished_beside
from .output_not_writable import writing
from .sweep_unfinished import sweep_unfinished


def prepare_output(output: Path) -> None:
    """Make ``output`` and ``output/cases``, try to write there, and sweep what a killed run left.

    Raises
    ------
    OutputNotWritable
        It cannot be made or written.
    """
    with writing(output):
        (output / "cases").mkdir(parents=True, exist_ok=True)
        for folder in (output, output / "cases"):
            trial = unfinished_beside(folder / "trial")
            trial.touch()
            trial.unlink(missing_ok=True)  # another run may sweep it
        sweep_unfinished(output)
