"""Keep the scans and the results apart."""

from __future__ import annotations

from os.path import realpath
from pathlib import Path

from ..results.output_not_writable import OutputNotWritable


def keep_apart(source: Path, output: Path) -> None:
    """See that the input is neither the output folder nor lies among its cases.

    The output may lie inside the input (it is passed over there), and the input beside the cases.

    Raises
    ------
    OutputNotWritable
        Results would be read as scans, or scans replaced by results.
    """
    scans, results = Path(realpath(source)), Path(realpath(output))
    if scans == results or scans.is_relative_to(results / "cases"):
        raise OutputNotWritable("INPUT is the OUTPUT folder or lies among its cases. Choose another folder for OUTPUT.")
