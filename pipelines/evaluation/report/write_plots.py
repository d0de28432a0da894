"""Plots as files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ...results.atomic_write import atomic_write
from .drawing import Drawing
from .png import png
from .svg import svg


def write_plots(plots: Mapping[str, Drawing], folder: Path) -> None:
    """Write ``NAME.svg`` and ``NAME.png`` of each, making the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, plot in plots.items():
        atomic_write(folder / f"{name}.svg", svg(plot).encode())
        atomic_write(folder / f"{name}.png", png(plot))
