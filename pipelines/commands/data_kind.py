"""What all kinds of ``resmtnet data`` have in common."""

from __future__ import annotations

import argparse
from typing import Any

Kinds = Any
"""What ``add_subparsers`` returns; argparse has no public name for it."""
LIST_OUTPUT = "folder for data_list.json and masks"


def add_kind(kinds: Kinds, name: str, what: str, about: str) -> argparse.ArgumentParser:
    """Add a kind with the options that all have."""
    parser: argparse.ArgumentParser = kinds.add_parser(
        name, help=what, description=about, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", metavar="FILE", help="write what was made as JSON (- for stdout)")
    parser.add_argument("--quiet", action="store_true", help="no progress bar, no text")
    # also after KIND; suppressed, or it would undo one given before
    parser.add_argument("--debug", action="store_true", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
    return parser
