"""What reading a CT series costs in each coding: against pydicom, file by file in one process, in the same run."""

from __future__ import annotations

import argparse
import multiprocessing
import os
import tempfile
import time
from pathlib import Path

import numpy as np
import peers
from measure import Cost, cost_of
from pydicom.uid import JPEG2000Lossless, JPEGLosslessSV1, JPEGLSLossless, RLELossless
from table import cpu_row, table

from resmtnet.pipelines.ingest.plan_scans import plan_scans
from resmtnet.pipelines.ingest.read_volume import read_volume
from resmtnet.pipelines.ingest.sandbox.default_pool import default_pool
from resmtnet.pipelines.phantom.code_as import code_as
from resmtnet.pipelines.phantom.dicom_series import write_ct_series

RAW_BUDGET = 1.2  # of pydicom's core-seconds
EPILOG = """\
Ours is planning and reading (headers, judgement, HU, digest), from a process without workers: their start, their
CPU seconds and their end are counted; "warm" is the wall time of a series that finds its workers ready.
pydicom is dcmread and pixel_array of each file, no rescale; its JPEG 2000 decoder runs threads of its own.
Speed-up is pydicom's wall time / ours. Every volume is compared with the raw one, voxel by voxel.
"""


def main() -> None:
    arguments = _arguments()
    with tempfile.TemporaryDirectory() as name:
        folders = _write(Path(name), arguments.slices)
        _check_equal(folders)
        rows, notes = [], []
        for coding, folder in folders.items():
            ours, theirs = _costs(folder, arguments.repeat)
            warm_s = min(_warm_wall_s(folder) for _ in range(arguments.repeat))
            budget = RAW_BUDGET * theirs.cpu_s if coding == "raw" else None
            rows.append(cpu_row(coding, ours, peer=("pydicom pixels", theirs), budget=budget))
            notes.append(
                f"{coding:14} wall {ours.wall_s:5.2f} s, warm {warm_s:5.2f} s, pydicom {theirs.wall_s:5.2f} s: "
                f"speed-up {theirs.wall_s / ours.wall_s:4.2f}, warm {theirs.wall_s / warm_s:4.2f}; "
                f"cores in use {ours.cpu_s / ours.wall_s:4.2f}"
            )
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    print(f"{arguments.slices} slices of 512x512, best of {arguments.repeat}; {os.cpu_count()} CPUs, load {load}")
    print("all volumes equal", "", table(rows), "", *notes, sep="\n")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, epilog=EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--slices", type=int, default=300, metavar="N", help="slices (default: %(default)s)")
    parser.add_argument("--repeat", type=int, default=3, metavar="N", help="runs of each (default: %(default)s)")
    return parser.parse_args()


def _write(work: Path, slices: int) -> dict[str, Path]:
    """Write a body of noise (20 HU) in air, which codes about as well as a patient."""
    rng = np.random.default_rng(0)
    j, i = np.ogrid[:512, :512]
    body = ((i - 256) / 220) ** 2 + ((j - 256) / 160) ** 2 < 1
    lungs = ((abs(i - 256) - 100) / 70) ** 2 + ((j - 256) / 100) ** 2 < 1
    plane = np.where(lungs, -850, np.where(body, 40, -1000))
    hu = (plane + 20 * rng.standard_normal((slices, 512, 512), np.float32)).clip(-1024).astype(np.int16)
    affine = np.diag([0.7, 0.7, 1.25, 1.0])
    write_ct_series(work / "raw", hu, affine)
    folders = {"raw": work / "raw"}
    for name, syntax in _CODINGS.items():
        folders[name] = work / name.replace(" ", "_")
        folders[name].mkdir()
        for path in sorted(folders["raw"].iterdir()):
            code_as(path, syntax, folders[name] / path.name)
    return folders


_CODINGS = {
    "JPEG-LS": JPEGLSLossless,
    "JPEG lossless": JPEGLosslessSV1,
    "JPEG 2000": JPEG2000Lossless,
    "RLE": RLELossless,
}


def _read(folder: Path) -> object:
    (plan,) = plan_scans(folder).plans
    return read_volume(plan)


def _check_equal(folders: dict[str, Path]) -> None:
    raw = None
    for name, folder in folders.items():
        volume = read_volume(plan_scans(folder).plans[0])
        raw = volume.hu if raw is None else raw
        if not np.array_equal(volume.hu, raw):
            raise SystemExit(f"{name}: not equal to the raw series")
    default_pool().close()


def _costs(folder: Path, repeat: int) -> tuple[Cost, Cost]:
    """Take turns, so that work beside it slows both alike."""
    paths = sorted(folder.iterdir())
    peers.pydicom_pixels(paths[:1])  # what is imported at first use is nobody's cost
    pairs = [
        (
            cost_of(lambda: _read(folder), repeat=1, threads=1),
            cost_of(lambda: peers.pydicom_pixels(paths), repeat=1, threads=1),
        )
        for _ in range(repeat)
    ]
    return tuple(  # type: ignore[return-value]
        Cost(min(c.cpu_s for c in costs), max(c.peak_bytes for c in costs), min(c.wall_s for c in costs))
        for costs in zip(*pairs, strict=True)
    )


def _warm_wall_s(folder: Path) -> float:
    wall_s = multiprocessing.Value("d")

    def step() -> None:
        _read(folder)
        began = time.perf_counter()
        _read(folder)
        wall_s.value = time.perf_counter() - began

    cost_of(step, repeat=1, threads=1)
    return float(wall_s.value)


if __name__ == "__main__":
    main()
