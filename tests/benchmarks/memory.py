"""Memory of ``resmtnet infer`` on chest phantoms of 100, 300 and 900 slices of 512x512, children included.

    python tests/benchmarks/memory.py --json memory.json

GB: the highest resident memory of the command's own process, as the kernel kept it; with children: the highest sum
over it and its children (the workers that decode) that was seen in looks 50 ms apart, pages they share counted once.
The goal is on the latter: the largest scan takes at most 1.5 times the memory of 300 slices.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from aligned import aligned
from phantom_scan import BUDGET_SLICES, phantom_scan
from stages import COMPARED_THREADS, RESMTNET
from table import GB
from watch import check, watch

SLICES = (100, 300, 900)
GOAL = 1.5
BUDGET_GB = 2.0
"""At 300 slices, own process."""


@dataclass(frozen=True)
class Size:
    """What a scan of so many slices took."""

    slices: int
    own_gb: float
    tree_gb: float
    wall_s: float
    cpu_s: float


def main() -> None:
    arguments = _arguments()
    with tempfile.TemporaryDirectory() as name:
        sizes = [_size(Path(name), slices, arguments) for slices in arguments.slices]
    heads = ("slices", "GB", "with children", "s", "core-s")
    rows = [
        (str(size.slices), *(f"{v:.2f}" for v in (size.own_gb, size.tree_gb, size.wall_s, size.cpu_s)))
        for size in sizes
    ]
    print(aligned([heads, *rows], ()))
    ratio = _ratio(sizes)
    if ratio is not None:
        verdict = "ok" if ratio <= GOAL else "OVER"
        print(f"\n{sizes[-1].slices} slices / {BUDGET_SLICES}: {ratio:.2f} (goal <= {GOAL:g}): {verdict}")
    if arguments.json:
        told = {"sizes": [size.__dict__ for size in sizes], "ratio": ratio, "goal": GOAL, "load": os.getloadavg()}
        arguments.json.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--slices", type=int, nargs="+", default=SLICES, metavar="N", help=f"default: {' '.join(map(str, SLICES))}"
    )
    parser.add_argument("--bundle", default="lung_nodule_ct", help="name or folder of the bundle")
    parser.add_argument("--threads", type=int, default=COMPARED_THREADS, metavar="N", help="default: %(default)s")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the numbers there, too")
    return parser.parse_args()


def _size(work: Path, slices: int, arguments: argparse.Namespace) -> Size:
    scan = phantom_scan(work / str(slices), slices)
    command = [RESMTNET, "infer", str(scan), str(work / f"out{slices}"), "--bundle", arguments.bundle]
    command += ["--device", "cpu", "--quiet"]
    seen = check(watch(command, threads=arguments.threads), command)
    shutil.rmtree(scan)
    return Size(slices, seen.peak_bytes / GB, seen.tree_bytes / GB, seen.wall_s, seen.cpu_s)


def _ratio(sizes: list[Size]) -> float | None:
    base = [size.tree_gb for size in sizes if size.slices == BUDGET_SLICES]
    return sizes[-1].tree_gb / base[0] if base else None


if __name__ == "__main__":
    main()
