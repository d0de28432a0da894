"""``resmtnet convert``: every scan that is accepted, as NIfTI."""

from __future__ import annotations

import argparse
from pathlib import Path

from .reading_options import add_reading_options, reading_options
from .say import check_file
from .say_records import say_records


def add_convert(command: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    command.add_argument("input", type=Path, metavar="INPUT", help="scan, zip archive, or folder of any depth")
    command.add_argument("output", type=Path, metavar="OUTPUT", help="folder for <case_id>.nii.gz and <case_id>.json")
    command.add_argument("--orthogonal", action="store_true", help="resample sheared volumes (tilt) to right angles")
    command.add_argument("--overwrite", action="store_true", help="do everything again, in place of earlier results")
    command.add_argument(
        "--no-links", action="store_true", help="write no private/links.csv, and remove an earlier one"
    )
    command.add_argument("--json", metavar="FILE", help="write all records as JSON, too (- for stdout)")
    command.add_argument("--quiet", action="store_true", help="no progress bar, no text")
    add_reading_options(command)
    command.set_defaults(command=_convert)


def _convert(arguments: argparse.Namespace) -> int:
    from ..convert.convert_scans import convert_scans

    check_file(arguments.json, arguments.input, arguments.output)
    found = convert_scans(
        arguments.input,
        arguments.output,
        reading_options(arguments),
        orthogonal=arguments.orthogonal,
        overwrite=arguments.overwrite,
        links=not arguments.no_links,
        progress=not arguments.quiet,
    )
    return say_records(found, json_file=arguments.json, quiet=arguments.quiet)
