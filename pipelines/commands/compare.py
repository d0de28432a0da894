"""``resmtnet compare``: two results of one patient at two dates."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from ..inference.exit_code import ExitCode, exit_code
from .reading_options import add_reading_options, reading_options
from .say import fail, say

if TYPE_CHECKING:
    from ..compare.comparison import Comparison
    from ..records import Volume

_DESCRIPTION = """Match the nodules of two results of one patient: growth, volume doubling time, new and vanished ones.

The lungs of the two scans are laid on each other as rigid bodies, so both scans are needed (result folders hold no
image); they must be the very scans that were evaluated, read with the options of that run. Where the lungs do not fit
(another patient or position, too different a depth of breath), nothing is matched, and the command ends with 4."""
_WRITES = """writes comparison.json and comparison.html to --output; without it, the comparison is only printed. The
interval is told, the dates are not."""


def add_compare(command: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    command.formatter_class = argparse.RawDescriptionHelpFormatter
    command.description, command.epilog = _DESCRIPTION, _WRITES
    command.add_argument(
        "before", type=Path, metavar="BEFORE", help="OUTPUT of resmtnet infer with one case, or OUTPUT/cases/<id>"
    )
    command.add_argument("after", type=Path, metavar="AFTER", help="the same of the later scan")
    command.add_argument(
        "--before-scan", type=Path, required=True, metavar="SCAN", help="the earlier scan: file, zip archive or folder"
    )
    command.add_argument("--after-scan", type=Path, required=True, metavar="SCAN", help="the later scan")
    command.add_argument(
        "--days", type=_days, metavar="N", help="between the scans (default: by acquisition or study date, if DICOM)"
    )
    command.add_argument("--same-patient", action="store_true", help="take them as one, whatever their headers say")
    command.add_argument("--output", type=Path, metavar="OUTPUT", help="folder for the comparison")
    command.add_argument("--json", action="store_true", help="print comparison.json instead of tables")
    command.add_argument("--quiet", action="store_true", help="print nothing")
    add_reading_options(command)
    command.set_defaults(command=_compare)


def _compare(arguments: argparse.Namespace) -> int:
    from ..compare.compare_error import CompareError
    from ..compare.comparison_json import comparison_json

    _make(arguments.output)
    try:
        comparison, before, after = _comparison(arguments)
    except CompareError as error:
        return fail(str(error), ExitCode.NOTHING_USABLE)
    data = comparison_json(comparison)
    if arguments.output is not None:
        from ..compare.comparison_html import comparison_html

        _write(arguments.output, comparison_html(comparison, before, after), data)
    if arguments.json:
        say(data.decode())
    elif not arguments.quiet:
        from ..compare.comparison_text import comparison_text

        say(comparison_text(comparison))
    return int(exit_code([comparison.status]))


def _comparison(arguments: argparse.Namespace) -> tuple[Comparison, Volume, Volume]:
    from ..compare.compare_results import compare_results
    from ..compare.days_between import days_between
    from ..compare.read_result import read_result
    from ..compare.read_scan_of import read_scan_of
    from ..ingest.check_input import check_input

    options = reading_options(arguments)
    results = read_result(arguments.before), read_result(arguments.after)
    for scan in (arguments.before_scan, arguments.after_scan):
        check_input(scan)
    before, after = (
        (result, read_scan_of(result, scan, options))
        for result, scan in zip(results, (arguments.before_scan, arguments.after_scan), strict=True)
    )
    days = arguments.days if arguments.days is not None else days_between(before[1], after[1])
    comparison = compare_results(before, after, interval_days=days, same_patient=arguments.same_patient)
    return comparison, before[1], after[1]


def _make(output: Path | None) -> None:
    """See, before any work, that the folder can be written."""
    if output is None:
        return
    from ..results.output_not_writable import writing

    with writing(output):
        output.mkdir(parents=True, exist_ok=True)


def _write(output: Path, page: bytes, data: bytes) -> None:
    from ..results.atomic_write import atomic_write
    from ..results.output_not_writable import writing

    with writing(output):
        atomic_write(output / "comparison.html", page)
        atomic_write(output / "comparison.json", data)


def _days(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        number = -1
    if number < 0:
        raise argparse.ArgumentTypeError("expected a whole number of days, from 0")
    return number
