"""What settings of the memory allocator are worth for ``resmtnet infer`` on one scan.

    python tests/benchmarks/allocators.py --json allocators.json

The settings take turns, round by round, so that what else the machine does falls on all of them. Printed are the
least and the median seconds on the clock, the least core-seconds and the highest resident memory. "freed memory kept"
asks glibc never to give memory back to the system, so that no page of it is a fault again.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from aligned import aligned
from measure import Cost, cost_of_command, limits
from phantom_scan import default_scan
from stages import COMPARED_THREADS, RESMTNET
from table import GB

WORTH_IT = 0.10
"""A setting is worth its trouble from this part of the seconds on."""
KEEP_FREED = {"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": "4294967296", "MALLOC_TOP_PAD_": "67108864"}
SETTINGS: Mapping[str, Mapping[str, str]] = {
    "none": {"THP_MEM_ALLOC_ENABLE": "0"},
    "huge pages of torch": {"THP_MEM_ALLOC_ENABLE": "1"},
    "freed memory kept": {"THP_MEM_ALLOC_ENABLE": "0", **KEEP_FREED},
    "both": {"THP_MEM_ALLOC_ENABLE": "1", **KEEP_FREED},
    "huge pages of glibc": {"THP_MEM_ALLOC_ENABLE": "0", "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"},
}


def main() -> None:
    arguments = _arguments()
    with tempfile.TemporaryDirectory() as name:
        scan = arguments.scan or default_scan(Path(name))
        command = [RESMTNET, "infer", str(scan), str(Path(name) / "out"), "--bundle", arguments.bundle]
        command += ["--device", "cpu", "--overwrite", "--quiet"]
        cost_of_command(command, repeat=1, variables=limits(arguments.threads))  # files into the page cache
        rounds = [_round(command, arguments.threads) for _ in range(arguments.repeat)]
    told = {name: _told([turns[name] for turns in rounds], [turns["none"] for turns in rounds]) for name in SETTINGS}
    heads = ("setting", "s", "median", "core-s", "GB", "gain", "median")
    rows = [(name, *(f"{value:.2f}" for value in figures.values())) for name, figures in told.items()]
    print(aligned([heads, *rows], {0}))
    best = max(told, key=lambda name: told[name]["gain_median"])
    gain = told[best]["gain_median"]
    worth = "worth it" if gain >= WORTH_IT else f"less than {WORTH_IT:.0%}: not worth it"
    print(f"\nbest: {best}, {gain:+.0%} of the seconds saved ({worth}); load {os.getloadavg()[0]:.1f}")
    if arguments.json:
        text = json.dumps({"settings": told, "threads": arguments.threads, "load": os.getloadavg()}, indent=2)
        arguments.json.write_text(text + "\n", encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scan", nargs="?", type=Path, metavar="SCAN", help="folder with one DICOM series")
    parser.add_argument("--bundle", default="lung_nodule_ct", help="name or folder of the bundle")
    parser.add_argument("--repeat", type=int, default=3, metavar="N", help="rounds (default: %(default)s)")
    parser.add_argument("--threads", type=int, default=COMPARED_THREADS, metavar="N", help="default: %(default)s")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the numbers there, too")
    return parser.parse_args()


def _round(command: Sequence[str], threads: int) -> dict[str, Cost]:
    return {
        name: cost_of_command(command, repeat=1, variables={**limits(threads), **setting})
        for name, setting in SETTINGS.items()
    }


def _told(turns: Sequence[Cost], plain: Sequence[Cost]) -> dict[str, float]:
    """Return the figures of a setting; gains are parts of the seconds without one, round by round in the median."""
    gains = [1 - mine.wall_s / theirs.wall_s for mine, theirs in zip(turns, plain, strict=True)]
    least = min(turn.wall_s for turn in turns)
    return {
        "s": least,
        "s_median": statistics.median(turn.wall_s for turn in turns),
        "core_s": min(turn.cpu_s for turn in turns),
        "gb": max(turn.peak_bytes for turn in turns) / GB,
        "gain": 1 - least / min(turn.wall_s for turn in plain),
        "gain_median": statistics.median(gains),
    }


if __name__ == "__main__":
    main()
