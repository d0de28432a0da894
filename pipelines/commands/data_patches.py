"""``resmtnet data patches`` and ``check``: what is done with a data list."""

from __future__ import annotations

import argparse
from pathlib import Path

from .check_paths import check_paths
from .data_kind import Kinds, add_kind
from .reading_options import add_reading_options, reading_options
from .say import check_file
from .say_data import say_list, say_patches

_PATCHES = """Cut every nodule of a data list out of its scan, with the lung around it, and keep the lungs of scans that
are annotated completely. FOLDER is what train.yaml and evaluate.yaml take as dataset_dir, FOLDER/backgrounds what they
take as backgrounds_dir. Patients keep the fold of the list, else get one of 0 to 7."""
_CHECK = "Read every scan and mask of a data list, check all nodules anew, and write nothing."


def add_patches(kinds: Kinds) -> None:
    """Add the commands that take a data list."""
    _add_patches(add_kind(kinds, "patches", "a data list to a folder to train on", _PATCHES))
    _add_check(add_kind(kinds, "check", "hold a data list against its scans", _CHECK))


def _add_patches(kind: argparse.ArgumentParser) -> None:
    kind.add_argument("input", type=Path, metavar="LIST", help="data_list.json, or its folder")
    kind.add_argument("output", type=Path, metavar="FOLDER", help="new or empty folder")
    kind.add_argument(
        "--context-mm", type=_length, default=24.0, metavar="MM", help="kept around a nodule (default: %(default)g)"
    )
    kind.add_argument(
        "--width-mm", type=_length, default=78.0, metavar="MM", help="least edge in plane (default: %(default)g)"
    )
    kind.add_argument("--no-backgrounds", action="store_true", help="patches only")
    add_reading_options(kind)
    kind.set_defaults(command=_patches)


def _add_check(kind: argparse.ArgumentParser) -> None:
    kind.add_argument("input", type=Path, metavar="LIST", help="data_list.json, or its folder")
    add_reading_options(kind)
    kind.set_defaults(command=_check)


def _length(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 < value <= 1000:
        raise argparse.ArgumentTypeError("expected a length from 0 to 1000 mm")
    return value


def _patches(arguments: argparse.Namespace) -> int:
    from ..datasets.cut_patches import PatchOptions, cut_patches

    check_paths(arguments)
    options = PatchOptions(
        context_mm=arguments.context_mm,
        width_mm=arguments.width_mm,
        backgrounds=not arguments.no_backgrounds,
        ingest=reading_options(arguments),
        progress=not arguments.quiet,
    )
    made = cut_patches(arguments.input, arguments.output, options)
    return say_patches(made, json_file=arguments.json, quiet=arguments.quiet)


def _check(arguments: argparse.Namespace) -> int:
    from ..datasets.check_list import check_list
    from ..ingest.check_input import check_input

    check_input(arguments.input)
    check_file(arguments.json, arguments.input)
    made = check_list(arguments.input, reading_options(arguments), progress=not arguments.quiet)
    return say_list(made, json_file=arguments.json, quiet=arguments.quiet)
