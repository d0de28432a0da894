"""The options of ``resmtnet evaluate transplanted``."""

from __future__ import annotations

import argparse
from pathlib import Path

from .reading_options import at_least_one

TRANSPLANTED = """Put real nodules of patients that the network was not trained on into the lung of scans, run the
bundle's whole pipeline on each copy, and score what it finds by the LUNA16 rule. Where no annotated scans are at hand,
this is how to choose an operating point.

SCANS are read as resmtnet infer reads them; they must not have been trained on, nor must the seeds of --phantoms (the
shipped bundle: 101 to 106, 201 and 202 were) or the nodules of --subsets. All that is found beside planted nodules and
known lesions counts as no nodule."""
TRANSPLANTED_WRITES = """writes metrics.json, froc.csv, froc.svg and froc.png, by kind of background. Minutes per copy
on a CPU."""


def add_transplanted_options(command: argparse.ArgumentParser) -> None:
    """Add them to the command."""
    command.add_argument(
        "scans", type=Path, nargs="*", metavar="SCANS", help="scans or folders of scans, not trained on"
    )
    command.add_argument(
        "--nodules", type=Path, required=True, metavar="DATASET_DIR", help="folder of the lidc_nodules form"
    )
    command.add_argument("--subsets", type=int, nargs="+", metavar="N", help="LUNA16 subsets to plant (default: all)")
    command.add_argument("--phantoms", type=int, nargs="+", default=[], metavar="SEED", help="analytic chests as well")
    command.add_argument(
        "--trained-on",
        type=Path,
        nargs="+",
        default=[],
        metavar="SCAN",
        help="scans for a row of their own, never pooled",
    )
    command.add_argument(
        "--lesions",
        type=Path,
        metavar="CSV",
        help="lesions known in the scans, targets too: seriesuid, coordX, coordY, coordZ (LPS mm), diameter_mm",
    )
    command.add_argument(
        "--copies", type=at_least_one, default=4, metavar="N", help="copies of each scan (default: %(default)s)"
    )
    command.add_argument(
        "--per-scan", type=at_least_one, default=5, metavar="N", help="nodules in each copy (default: %(default)s)"
    )
    command.add_argument(
        "--min-diameter-mm", type=float, default=5.0, metavar="MM", help="least diameter (default: %(default)s)"
    )
    command.add_argument("--seed", type=int, default=0, metavar="N", help="of all that is drawn (default: %(default)s)")
    command.add_argument(
        "--bundle", default="lung_nodule_ct", help="name, or folder of a bundle you trust (it runs code)"
    )
