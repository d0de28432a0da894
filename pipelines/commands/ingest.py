"""``resmtnet ingest``: what is in a folder, and which scans would be taken."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from .reading_options import add_reading_options, reading_options
from .say import check_file
from .say_records import say_records

if TYPE_CHECKING:
    from ..ingest.scan_records import ScanRecords


def add_ingest(command: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    command.add_argument("input", type=Path, metavar="INPUT", help="scan, zip archive, or folder of any depth")
    command.add_argument("--json", metavar="FILE", help="write the records as JSON instead (- for stdout)")
    command.add_argument("--headers-only", action="store_true", help="do not read the pixels")
    command.add_argument(
        "--links-file", metavar="FILE", help="write which case is which file and series there (0600): it identifies"
    )
    command.add_argument("--quiet", action="store_true", help="no progress bar, no text")
    add_reading_options(command)
    command.set_defaults(command=_ingest)


def _ingest(arguments: argparse.Namespace) -> int:
    from ..ingest.ingest_scans import ingest_scans

    for file in (arguments.json, arguments.links_file):
        check_file(file, arguments.input)
    found = ingest_scans(
        arguments.input,
        reading_options(arguments),
        read_pixels=not arguments.headers_only,
        progress=not arguments.quiet,
    )
    if arguments.links_file is not None:
        _write_links(found, Path(arguments.links_file))
    return say_records(found, json_file=arguments.json, quiet=arguments.quiet)


def _write_links(found: ScanRecords, file: Path) -> None:
    from ..results.atomic_write import atomic_write
    from ..results.links_csv import links_csv
    from ..results.output_not_writable import writing

    with writing(file):
        atomic_write(file, links_csv(found.origins), mode=0o600)
