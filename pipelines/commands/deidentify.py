"""``resmtnet deidentify``: DICOM in, DICOM out, without what identifies."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Mapping, Sequence
from os.path import realpath
from pathlib import Path
from typing import Any

from ..inference.exit_code import ExitCode
from .say import counted, put_json, say

_ABOUT = """PS3.15 annex E, Basic Application Level Confidentiality Profile, as an allow-list. CT images,
segmentations, measurement reports and structure sets are kept; screens, reports as pages and all else that may carry
text in its pixels are left out. Pixels are not cleaned and faces are not removed."""


def add_deidentify(command: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    command.description = _ABOUT
    command.add_argument("input", type=Path, metavar="INPUT", help="file, zip archive, or folder of any depth")
    command.add_argument("output", type=Path, metavar="OUTPUT", help="folder for the new files")
    command.add_argument(
        "--key",
        type=Path,
        required=True,
        metavar="FILE",
        help="made where missing (mode 0600), outside of both folders; the same key gives the same new identities",
    )
    command.add_argument(
        "--dates",
        choices=("modified", "removed"),
        default="modified",
        help="move all dates of a patient by one number of days (default), or remove them",
    )
    command.add_argument(
        "--keep",
        action="append",
        default=[],
        choices=("patient", "device", "institution"),
        help="keep sex, age, size and weight; serial number and station; name and address; may be given again",
    )
    command.add_argument("--links-file", type=Path, metavar="FILE", help="write old and new identifiers there (0600)")
    command.add_argument("--json", metavar="FILE", help="write the counts as JSON (- for stdout)")
    command.add_argument("--quiet", action="store_true", help="no progress bar, no text")
    command.set_defaults(command=_deidentify)


def _deidentify(arguments: argparse.Namespace) -> int:
    from ..deidentify.deidentify_folder import deidentify_folder
    from ..deidentify.options import DeidentifyOptions

    if arguments.json not in (None, "-"):
        _keep_apart(arguments)
    options = DeidentifyOptions(
        dates=arguments.dates,
        patient_characteristics="patient" in arguments.keep,
        device_identity="device" in arguments.keep,
        institution_identity="institution" in arguments.keep,
        links_file=arguments.links_file,
    )
    records = deidentify_folder(
        arguments.input, arguments.output, key_file=arguments.key, options=options, progress=not arguments.quiet
    )
    if arguments.json is not None:
        put_json(records, arguments.json)
    elif not arguments.quiet:
        say(_summary(records))
    return int(_exit_code(records))


def _keep_apart(arguments: argparse.Namespace) -> None:
    """See that the JSON file overwrites neither scans nor the files that lead back to the patients."""
    from ..inference.usage_error import UsageError

    file, source = Path(realpath(arguments.json)), Path(realpath(arguments.input))
    private = {Path(realpath(path)) for path in (arguments.key, arguments.links_file) if path}
    if file in private or file.is_relative_to(source):
        raise UsageError("The JSON file is the key file or the links file, or lies in INPUT. Choose another.")


def _summary(records: Sequence[Mapping[str, Any]]) -> str:
    lines = [f"{sum(record['written'] for record in records)} files written"]
    for what in ("dropped", "failed", "warned"):
        total: Counter[str] = sum((Counter(record[what]) for record in records), Counter())
        if total:
            lines.append(f"{what}: {counted(total)}")
    return "\n".join(lines)


def _exit_code(records: Sequence[Mapping[str, Any]]) -> ExitCode:
    """Say how it went: what is left out by rule is no failure."""
    if any(record["failed"] for record in records):
        return ExitCode.SOME_NOT_DONE
    return ExitCode.OK if any(record["written"] for record in records) else ExitCode.NOTHING_USABLE
