"""``resmtnet infer``: a bundle's network on every scan or picture of a folder."""

from __future__ import annotations

import argparse
import json
import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..cluster.ray_address import ray_address
from ..inference.exit_code import ExitCode
from ..inference.shard import Shard
from ..inference.usage_error import UsageError
from ..inference.workers import Workers
from ..results.images.image_outputs import IMAGE_OUTPUTS
from ..results.outputs import DEFAULT_OUTPUTS, OUTPUTS
from .reading_options import add_reading_options, at_least_one, reading_options
from .say import counted, fail, say

_DEVICE = re.compile(r"auto|cpu|cuda(:\d+)?")


def add_infer(command: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    command.add_argument("input", type=Path, metavar="INPUT", help="scan, picture, zip archive, or folder of any depth")
    command.add_argument("output", type=Path, metavar="OUTPUT", help="folder for the results")
    command.add_argument(
        "--bundle", default="lung_nodule_ct", help="name, or folder of a bundle you trust (it runs code)"
    )
    command.add_argument("--device", default="auto", type=_device, help="auto, cpu, cuda or cuda:N (default: auto)")
    command.add_argument(
        "--backend",
        choices=("torch", "torch-compile", "onnx", "openvino"),
        help="what computes the network (default: torch; onnx and openvino need resmtnet[backends])",
    )
    command.add_argument(
        "--shard",
        type=_shard,
        metavar="I/N",
        help="do part I of N of the cases, into an OUTPUT of its own; resmtnet merge joins them (default: all)",
    )
    command.add_argument(
        "--cluster",
        type=_cluster,
        metavar="RAY",
        help="compute on a Ray cluster: ray (one on this machine), ray://HOST:PORT of its head, ray://auto",
    )
    command.add_argument(
        "--cluster-workers", type=at_least_one, metavar="N", help="at most so many (default: as many as there is room)"
    )
    command.add_argument(
        "--cluster-cpus", type=at_least_one, metavar="N", help="processors of each worker (default: 1)"
    )
    command.add_argument(
        "--cluster-gpus", type=_gpus, metavar="X", help="GPUs of each worker, such as 0.5 (default: 0)"
    )
    command.add_argument("--min-probability", type=_probability, metavar="P", help="leave out less probable findings")
    command.add_argument("--max-findings", type=at_least_one, metavar="N", help="at most so many findings per scan")
    command.add_argument("--overwrite", action="store_true", help="do everything again, in place of earlier results")
    command.add_argument(
        "--outputs",
        type=_outputs,
        metavar="WORDS",
        help=f"what to write, words with commas between; of scans: {_words(OUTPUTS)} (default: "
        f"{','.join(DEFAULT_OUTPUTS)}); of pictures: {_words(IMAGE_OUTPUTS)} (default: all that the bundle makes)",
    )
    command.add_argument(
        "--no-links", action="store_true", help="write no private/links.csv, and remove an earlier one"
    )
    command.add_argument("--quiet", action="store_true", help="no progress bar, no summary")
    command.add_argument("--json", action="store_true", help="print the run's summary as JSON")
    add_reading_options(command)
    command.set_defaults(command=_infer)


def _infer(arguments: argparse.Namespace) -> int:
    from ..inference.infer import infer

    named = {
        "min_probability": arguments.min_probability,
        "max_findings": arguments.max_findings,
        "backend": arguments.backend,
    }
    code = infer(
        arguments.input,
        arguments.output,
        bundle=arguments.bundle,
        device=arguments.device,
        overwrite=arguments.overwrite,
        links=not arguments.no_links,
        outputs=arguments.outputs,
        shard=arguments.shard,
        cluster=arguments.cluster,
        workers=_workers(arguments),
        options=reading_options(arguments),
        progress=not arguments.quiet,
        overrides={key: value for key, value in named.items() if value is not None},
    )
    text = (arguments.output / "run.json").read_text(encoding="utf-8")
    run = json.loads(text)
    if arguments.json:
        say(text)
    elif not arguments.quiet:
        say(summary(run, arguments.output))
    return say_if_nothing_came(code, run)


def say_if_nothing_came(code: ExitCode, run: Mapping[str, Any]) -> int:
    """Say what a run ended with where no case is done, and give its exit code."""
    thing = "picture" if run.get("kind") == "image" else "scan"
    if code == ExitCode.NOTHING_USABLE:
        where = f"part {run['shard']} of the input" if run.get("shard") else "the input"
        return fail(f"No usable {thing} was found in {where}.", code)
    if code != ExitCode.OK and not run["cases_by_status"].keys() & {"ok", "warned"}:
        return fail(f"No {thing} could be evaluated; {_page(run)} says why.", code)
    return int(code)


def summary(run: Mapping[str, Any], output: Path) -> str:
    """Give ``run.json`` in one line."""
    cases = counted(run["cases_by_status"])
    what = f"{run['n_pictures']} pictures" if "n_pictures" in run else f"{run['n_findings']} findings"
    return f"{run['n_cases']} cases ({cases}), {what}. Look at {output / _page(run)}"


def _page(run: Mapping[str, Any]) -> str:
    return "index.html" if "html" in run["outputs"] else "run.json"


def _words(outputs: Mapping[str, str]) -> str:
    return "; ".join(f"{word} ({what})" for word, what in outputs.items())


def _outputs(text: str) -> tuple[str, ...]:
    words = tuple(word.strip() for word in text.split(",") if word.strip())
    unknown = [word for word in words if word not in OUTPUTS and word not in IMAGE_OUTPUTS]
    if unknown:
        known = ", ".join({**OUTPUTS, **IMAGE_OUTPUTS})
        raise argparse.ArgumentTypeError(f"expected some of {known}; found {', '.join(map(repr, unknown))}")
    return words


def _device(text: str) -> str:
    if not _DEVICE.fullmatch(text):
        raise argparse.ArgumentTypeError("expected auto, cpu, cuda or cuda:N")
    return text


def _shard(text: str) -> str:
    try:
        return str(Shard.parse(text))
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _workers(arguments: argparse.Namespace) -> Workers | None:
    asked = (arguments.cluster_workers, arguments.cluster_cpus, arguments.cluster_gpus)
    if arguments.cluster is None:
        if any(value is not None for value in asked):
            raise UsageError("--cluster-workers, --cluster-cpus and --cluster-gpus go with --cluster.")
        return None
    return Workers(asked[0], asked[1] or 1, asked[2] or 0.0)


def _cluster(text: str) -> str:
    try:
        ray_address(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    return text


def _gpus(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number < math.inf:
        raise argparse.ArgumentTypeError("expected a number from 0")
    return number


def _probability(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number <= 1:
        raise argparse.ArgumentTypeError("expected a number from 0 to 1")
    return number
