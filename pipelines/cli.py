"""The ``resmtnet`` command."""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Callable, Sequence
from typing import Any

from .commands.bundles import add_bundles
from .commands.compare import add_compare
from .commands.convert import add_convert
from .commands.data import add_data
from .commands.deidentify import add_deidentify
from .commands.demo import add_demo
from .commands.evaluate import add_evaluate
from .commands.infer import add_infer
from .commands.ingest import add_ingest
from .commands.merge import add_merge
from .commands.say import fail
from .commands.serve import add_serve
from .commands.train import add_train
from .inference.exit_code import ExitCode

_COMMANDS: tuple[tuple[str, str, Callable[[argparse.ArgumentParser], None]], ...] = (
    ("infer", "find the nodules in every scan of a folder, or class its pictures", add_infer),
    ("merge", "join the results of the shards of a divided run", add_merge),
    ("ingest", "dry run: what is in a folder, and which scans would be taken", add_ingest),
    ("convert", "write every scan that is accepted as NIfTI", add_convert),
    ("deidentify", "copy DICOM files without what identifies", add_deidentify),
    ("train", "train a network on annotated nodules or labelled images, or try that out on made ones", add_train),
    ("evaluate", "score detections, masks or a model against annotations", add_evaluate),
    ("compare", "match the nodules of two results of one patient: growth, new, vanished", add_compare),
    ("data", "annotated scans to one data list, and from it to a folder to train on", add_data),
    ("bundles", "list the models that come along: task, input, figures, weights", add_bundles),
    ("serve", "take studies from an archive (PACS), send segmentations and reports back", add_serve),
    ("demo", "make a chest phantom, find its nodules, and compare with the truth", add_demo),
)
_EPILOG = """exit codes:
  0 every case is done        3 some cases rejected, or any failed
  1 internal error            4 nothing usable in the input: no case, or all rejected
  2 wrong usage               5 the input path cannot be read
                              6 the output folder cannot be written

Research use only; not a medical device."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code (``resmtnet --help`` lists them)."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal that cannot show a sign ends no command
    arguments = _parser().parse_args(argv)
    from .inference.usage_error import UsageError
    from .ingest.faulty_option import FaultyOption
    from .ingest.input_path_error import InputPathError
    from .name_fault import name_fault
    from .results.output_not_writable import OutputNotWritable

    try:
        return int(arguments.command(arguments))
    except InputPathError as error:
        return fail(str(error), ExitCode.BAD_INPUT_PATH)
    except OutputNotWritable as error:
        return fail(str(error), ExitCode.OUTPUT_NOT_WRITABLE)
    except (UsageError, FaultyOption) as error:
        return fail(str(error), ExitCode.USAGE)
    except KeyboardInterrupt:
        return fail("Stopped. The same command goes on where it stopped.", ExitCode.INTERRUPTED)
    except Exception as error:  # the last line of defence: one line, without paths or values of the scan
        if arguments.debug:
            raise
        return fail(f"Internal error: {name_fault(error)} (--debug shows all).", ExitCode.INTERNAL)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="resmtnet",
        description="Find, outline, measure and rate lung nodules in CT; class chest CT slices and breast ultrasound.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action=_Version)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, what, add in _COMMANDS:
        command = commands.add_parser(name, help=what)
        add(command)
        command.add_argument("--debug", action="store_true", help="show the whole traceback of an internal error")
    return parser


class _Version(argparse.Action):
    """Look the version up only when it is asked for."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{**kwargs, "nargs": 0, "help": "show the version"})

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib.metadata import version

        print(version("resmtnet"))
        parser.exit()


if __name__ == "__main__":
    sys.exit(main())
