"""``resmtnet convert``: every scan that is accepted, as NIfTI."""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path

from ..inference.exit_code import exit_code
from .reading_options import add_reading_options, reading_options
from .say import counted, put_json, record_line


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
    add_reading_options(command)
    command.set_defaults(command=_convert)


def _convert(arguments: argparse.Namespace) -> int:
    from ..convert.convert_scans import convert_scans

    records = convert_scans(
        arguments.input,
        arguments.output,
        reading_options(arguments),
        orthogonal=arguments.orthogonal,
        overwrite=arguments.overwrite,
        links=not arguments.no_links,
    )
    if arguments.json is None:
        print(*map(record_line, records), sep="\n")
        print(counted(Counter(record["status"] for record in records)))
    else:
        put_json(records, arguments.json)
    return exit_code(record["status"] for record in records)
