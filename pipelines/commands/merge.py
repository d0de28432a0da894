"""``resmtnet merge``: the results of the parts of a divided run in one folder."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from .infer import say_if_nothing_came, summary
from .say import say

_DESCRIPTION = """Join the results of a run that was divided by `resmtnet infer --shard I/N`.

OUTPUT gets a copy of every case, and findings.csv, index.html and run.json over all of them, as if the run had not been
divided. The parts stay as they are; they can be removed afterwards. Interrupted, the same command goes on."""


def add_merge(command: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    command.formatter_class = argparse.RawDescriptionHelpFormatter
    command.description = _DESCRIPTION
    command.add_argument("output", type=Path, metavar="OUTPUT", help="folder for the joined results")
    command.add_argument("parts", type=Path, nargs="+", metavar="PART", help="output folder of one shard; give all")
    command.add_argument("--partial", action="store_true", help="merge though shards are missing")
    command.add_argument("--overwrite", action="store_true", help="remove other cases that OUTPUT holds")
    command.add_argument("--quiet", action="store_true", help="no progress bar, no summary")
    command.add_argument("--json", action="store_true", help="print the run's summary as JSON")
    command.set_defaults(command=_merge)


def _merge(arguments: argparse.Namespace) -> int:
    from ..merge.merge_parts import merge_parts

    code = merge_parts(
        arguments.parts,
        arguments.output,
        partial=arguments.partial,
        overwrite=arguments.overwrite,
        progress=not arguments.quiet,
    )
    text = (arguments.output / "run.json").read_text(encoding="utf-8")
    if arguments.json:
        say(text)
    elif not arguments.quiet:
        say(summary(json.loads(text), arguments.output))
    return say_if_nothing_came(code, json.loads(text))
