"""``resmtnet demo``: a phantom, its nodules found, and the truth beside them."""

from __future__ import annotations

import argparse
from pathlib import Path


def add_demo(command: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    command.add_argument("output", type=Path, metavar="OUTPUT", help="folder for phantom and results")
    command.add_argument("--overwrite", action="store_true", help="in place of an earlier demo")
    command.set_defaults(command=_demo)


def _demo(arguments: argparse.Namespace) -> int:
    from ..demo import run_demo

    return int(run_demo(arguments.output, overwrite=arguments.overwrite))
