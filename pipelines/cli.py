"""The ``resmtnet`` command."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .inference.exit_code import ExitCode, exit_code

# Everything else is imported where it is used: `--help` waits neither for numpy nor for torch.

_DEVICE = re.compile(r"auto|cpu|cuda(:\d+)?")
_EPILOG = """exit codes:
  0 every scan is done        3 some scans rejected, or any failed
  1 internal error            4 nothing usable in the input: no scan, or all rejected
  2 wrong usage               5 the input path cannot be read
                              6 the output folder cannot be written

Research use only; not a medical device."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code (``resmtnet --help`` lists them)."""
    arguments = _parser().parse_args(argv)
    from .inference.usage_error import UsageError
    from .ingest.input_path_error import InputPathError
    from .name_fault import name_fault
    from .results.output_not_writable import OutputNotWritable

    try:
        return int(arguments.command(arguments))
    except InputPathError as error:
        return _fail(str(error), ExitCode.BAD_INPUT_PATH)
    except OutputNotWritable as error:
        return _fail(str(error), ExitCode.OUTPUT_NOT_WRITABLE)
    except UsageError as error:
        return _fail(str(error), ExitCode.USAGE)
    except KeyboardInterrupt:
        return _fail("Stopped. The same command goes on where it stopped.", ExitCode.INTERRUPTED)
    except Exception as error:  # the last line of defence: one line, without paths or values of the scan
        if arguments.debug:
            raise
        return _fail(f"Internal error: {name_fault(error)} (--debug shows all).", ExitCode.INTERNAL)


def _fail(message: str, code: ExitCode) -> int:
    print(f"resmtnet: {message}", file=sys.stderr)
    return int(code)


def _infer(arguments: argparse.Namespace) -> int:
    from .inference.infer import infer

    named = {"min_probability": arguments.min_probability, "max_findings": arguments.max_findings}
    code = infer(
        arguments.input,
        arguments.output,
        bundle=arguments.bundle,
        device=arguments.device,
        overwrite=arguments.overwrite,
        links=not arguments.no_links,
        progress=not arguments.quiet,
        overrides={key: value for key, value in named.items() if value is not None},
    )
    run = (arguments.output / "run.json").read_text(encoding="utf-8")
    if arguments.json:
        print(run)
    elif not arguments.quiet:
        print(_summary(json.loads(run), arguments.output))
    return _say_if_nothing_came(code, json.loads(run)["cases_by_status"])


def _say_if_nothing_came(code: ExitCode, by_status: Mapping[str, int]) -> int:
    if code == ExitCode.NOTHING_USABLE:
        return _fail("No usable scan was found in the input.", code)
    if code != ExitCode.OK and not by_status.keys() & {"ok", "warned"}:
        return _fail("No scan could be evaluated; index.html says why.", code)
    return int(code)


def _summary(run: Mapping[str, Any], output: Path) -> str:
    cases = _counted(run["cases_by_status"])
    return f"{run['n_cases']} cases ({cases}), {run['n_findings']} findings. Look at {output / 'index.html'}"


def _counted(by_status: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {status}" for status, count in sorted(by_status.items())) or "none"


def _ingest(arguments: argparse.Namespace) -> int:
    from .ingest.ingest_records import ingest_records

    records = ingest_records(arguments.input, read_pixels=not arguments.headers_only)
    if arguments.json is None:
        print(*map(_record_line, records), sep="\n")
        print(_counted(Counter(record["status"] for record in records)))
    else:
        _put(json.dumps(records, indent=2) + "\n", arguments.json)
    return exit_code(record["status"] for record in records)


def _record_line(record: Mapping[str, Any]) -> str:
    shape = "x".join(map(str, record.get("shape", ())))
    spacing = "x".join(f"{mm:.3g}" for mm in record.get("spacing_mm", ()))
    scan = f"{shape} at {spacing} mm" if shape else ""
    parts = (f"{record['status']:8}", record["case_id"], f"{record['n_files']:5} files", f"{scan:32}", *record["codes"])
    return " ".join(parts).rstrip()


def _put(text: str, file: str) -> None:
    if file == "-":
        print(text, end="")
        return
    from .results.output_not_writable import writing

    with writing(Path(file)):
        Path(file).write_text(text, encoding="utf-8")


def _demo(arguments: argparse.Namespace) -> int:
    from .demo import run_demo

    return int(run_demo(arguments.output, overwrite=arguments.overwrite))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="resmtnet",
        description="Find, outline, measure and rate lung nodules in CT scans.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action=_Version)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_infer(commands.add_parser("infer", help="find the nodules in every scan of a folder"))
    _add_ingest(commands.add_parser("ingest", help="dry run: what is in a folder, and which scans would be taken"))
    _add_demo(commands.add_parser("demo", help="make a chest phantom, find its nodules, and compare with the truth"))
    for command in commands.choices.values():
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


def _add_infer(command: argparse.ArgumentParser) -> None:
    command.add_argument("input", type=Path, metavar="INPUT", help="scan, or folder of any depth (DICOM, NIfTI, ...)")
    command.add_argument("output", type=Path, metavar="OUTPUT", help="folder for the results")
    command.add_argument(
        "--bundle", default="lung_nodule_ct", help="name, or folder of a bundle you trust (it runs code)"
    )
    command.add_argument("--device", default="auto", type=_device, help="auto, cpu, cuda or cuda:N (default: auto)")
    command.add_argument("--min-probability", type=_probability, metavar="P", help="leave out less probable findings")
    command.add_argument("--max-findings", type=_count, metavar="N", help="at most so many findings per scan")
    command.add_argument("--overwrite", action="store_true", help="do everything again, in place of earlier results")
    command.add_argument(
        "--no-links", action="store_true", help="write no private/links.csv, and remove an earlier one"
    )
    command.add_argument("--quiet", action="store_true", help="no progress bar, no summary")
    command.add_argument("--json", action="store_true", help="print the run's summary as JSON")
    command.set_defaults(command=_infer)


def _add_ingest(command: argparse.ArgumentParser) -> None:
    command.add_argument("input", type=Path, metavar="INPUT", help="scan, or folder of any depth")
    command.add_argument("--json", metavar="FILE", help="write the records as JSON (- for stdout)")
    command.add_argument("--headers-only", action="store_true", help="do not read the pixels")
    command.set_defaults(command=_ingest)


def _add_demo(command: argparse.ArgumentParser) -> None:
    command.add_argument("output", type=Path, metavar="OUTPUT", help="folder for phantom and results")
    command.add_argument("--overwrite", action="store_true", help="in place of an earlier demo")
    command.set_defaults(command=_demo)


def _device(text: str) -> str:
    if not _DEVICE.fullmatch(text):
        raise argparse.ArgumentTypeError("expected auto, cpu, cuda or cuda:N")
    return text


def _probability(text: str) -> float:
    if not 0 <= float(text) <= 1:
        raise argparse.ArgumentTypeError("expected a number from 0 to 1")
    return float(text)


def _count(text: str) -> int:
    if int(text) < 1:
        raise argparse.ArgumentTypeError("expected a whole number of at least 1")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
