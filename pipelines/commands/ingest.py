"""``resmtnet ingest``: what is in a folder, and which scans would be taken."""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path

from ..inference.exit_code import exit_code
from .reading_options import add_reading_options, reading_options
from .say import counted, put_json, record_line


def add_ingest(command: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    command.add_argument("input", type=Path, metavar="INPUT", help="scan, zip archive, or folder of any depth")
    command.add_argument("--json", metavar="FILE", help="write the records as JSON (- for stdout)")
    command.add_argument("--headers-only", action="store_true", help="do not read the pixels")
    add_reading_options(command)
    command.set_defaults(command=_ingest)


def _ingest(arguments: argparse.Namespace) -> int:
    from ..ingest.ingest_records import ingest_records

    records = ingest_records(arguments.input, reading_options(arguments), read_pixels=not arguments.headers_only)
    if arguments.json is None:
        print(*map(record_line, records), sep="\n")
        print(counted(Counter(record["status"] for record in records)))
    else:
        put_json(records, arguments.json)
    return exit_code(record["status"] for record in records)
