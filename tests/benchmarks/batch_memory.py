"""Memory and use of the processor over many small cases, in one run of ``resmtnet infer``.

    python tests/benchmarks/batch_memory.py --json batch_memory.json

Each case is 64x64x16 voxels of 2x2x4 mm, the same voxels with other UIDs. GB is the highest resident memory of the
command and its children until so many cases were finished. Busy: CPU seconds per second on the clock, from the first
finished case to the last one; 2 is two cores.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from aligned import aligned
from measure import cost_of
from stages import COMPARED_THREADS, RESMTNET
from table import GB
from watch import MB, Sample, Watched, check, watch

CASES, MARKS = 200, (20, 50, 100, 200)


@dataclass(frozen=True)
class Mark:
    """What was seen until so many cases were finished."""

    cases: int
    peak_gb: float
    wall_s: float


def main() -> None:
    arguments = _arguments()
    with tempfile.TemporaryDirectory() as name:
        scans, output = Path(name) / "scans", Path(name) / "results"
        cost_of(lambda: _write(scans, arguments.cases), repeat=1, threads=1)  # in a child: this process stays small
        command = [
            RESMTNET,
            "infer",
            str(scans),
            str(output),
            "--bundle",
            arguments.bundle,
            "--device",
            "cpu",
            "--quiet",
        ]
        seen = check(watch(command, threads=arguments.threads, done=lambda: _finished(output)), command)
        finished = _finished(output)
    marks = [_mark(seen, cases) for cases in (*(m for m in MARKS if m < finished), finished)]
    busy, growth = _busy(seen.samples), (marks[-1].peak_gb - marks[0].peak_gb) * GB / MB
    rows = [(str(mark.cases), f"{mark.peak_gb:.3f}", f"{mark.wall_s:.1f}") for mark in marks]
    print(aligned([("cases", "GB until then", "s"), *rows], ()))
    own = f"own process {seen.peak_bytes / GB:.3f} GB"
    print(f"\n{growth:+.0f} MB from {marks[0].cases} to {marks[-1].cases} cases; {own}")
    whole = f"from start to end {seen.cpu_s / seen.wall_s:.2f}; load {os.getloadavg()[0]:.1f}"
    print(f"{finished / seen.wall_s * 60:.0f} cases per minute; busy {busy:.2f} of {arguments.threads} cores, {whole}")
    if arguments.json:
        told = {"marks": [m.__dict__ for m in marks], "growth_mb": growth, "own_gb": seen.peak_bytes / GB}
        told |= {"busy_cores": busy, "wall_s": seen.wall_s, "cpu_s": seen.cpu_s, "threads": arguments.threads}
        arguments.json.write_text(json.dumps(told | {"load": os.getloadavg()}, indent=2) + "\n", encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=CASES, metavar="N", help="default: %(default)s")
    parser.add_argument("--bundle", default="lung_nodule_ct", help="name or folder of the bundle")
    parser.add_argument("--threads", type=int, default=COMPARED_THREADS, metavar="N", help="default: %(default)s")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the numbers there, too")
    return parser.parse_args()


def _write(folder: Path, count: int) -> None:
    from small_cases import small_cases

    small_cases(folder, count)


def _finished(output: Path) -> int:
    """Count the cases whose folder is complete: it gets its name last."""
    cases = output / "cases"
    return sum(not path.name.startswith(".") for path in cases.iterdir()) if cases.is_dir() else 0


def _mark(seen: Watched, cases: int) -> Mark:
    """The peak until the first look that found so many cases; that of the whole run where none did."""
    until = next((n for n, sample in enumerate(seen.samples) if sample.done >= cases), len(seen.samples) - 1)
    peak = max(sample.tree_bytes for sample in seen.samples[: until + 1])
    return Mark(cases, peak / GB, seen.samples[until].wall_s)


def _busy(samples: tuple[Sample, ...]) -> float:
    steady = [sample for sample in samples if sample.done >= 1]
    if len(steady) < 2:
        return 0.0
    last = next(sample for sample in steady if sample.done == steady[-1].done)
    return (last.cpu_s - steady[0].cpu_s) / max(last.wall_s - steady[0].wall_s, 1e-9)


if __name__ == "__main__":
    main()
