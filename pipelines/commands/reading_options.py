"""The options of every command that reads scans."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from ..ingest.ingest_options import MIN_SLICES, REPAIRS

if TYPE_CHECKING:
    from ..ingest.ingest_options import IngestOptions


def add_reading_options(command: argparse.ArgumentParser) -> None:
    """Add them to a command, as a group of their own."""
    reading = command.add_argument_group("how scans are read")
    reading.add_argument("--series-rules", type=Path, metavar="FILE", help="YAML: which series are taken (see README)")
    reading.add_argument(
        "--repair",
        action="append",
        default=[],
        choices=REPAIRS,
        help="repair what would be refused, and say so in the record; may be given again",
    )
    reading.add_argument("--assume-hu", action="store_true", help="the same as --repair assume-hu")
    reading.add_argument(
        "--min-slices", type=at_least_one, default=MIN_SLICES, metavar="N", help="no volume has fewer (%(default)s)"
    )
    reading.add_argument(
        "--id-key", type=Path, metavar="FILE", help="key for the case ids: nobody without it can tell their series"
    )


def reading_options(arguments: argparse.Namespace) -> IngestOptions:
    """Make options of what was given."""
    from ..ingest.ingest_options import ingest_options

    return ingest_options(
        min_slices=arguments.min_slices,
        repairs=[*arguments.repair, *["assume-hu"] * arguments.assume_hu],
        series_rules=arguments.series_rules,
        id_key_file=arguments.id_key,
    )


def at_least_one(text: str) -> int:
    """Read a whole number of at least 1."""
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError("expected a whole number of at least 1")
    return number
