"""Pool what several runs, such as the folds of a cross-validation, said of their nodules and places; score the union.

``python -m resmtnet.pipelines.evaluation.fusion.score_places FOLDER FOLDER --output OUT``
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from itertools import chain
from pathlib import Path

from ..score_outcomes import pool_outcomes
from .judged_place import read_places
from .write_fusion_scores import write_fusion_scores


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; 2 for wrong usage."""
    parser = argparse.ArgumentParser(
        prog="python -m resmtnet.pipelines.evaluation.fusion.score_places", description=__doc__
    )
    parser.add_argument(
        "folders", nargs="+", type=Path, metavar="FOLDER", help="with outcomes.json and places.csv; share no patient"
    )
    parser.add_argument("--output", required=True, type=Path, metavar="OUT", help="folder for the figures")
    parser.add_argument("--data", default="", help="what data this is, for the report")
    parser.add_argument("--split", default="", help="how it was split, for the report")
    arguments = parser.parse_args(argv)
    try:
        outcomes = pool_outcomes([folder / "outcomes.json" for folder in arguments.folders])
        places = list(chain.from_iterable(read_places(folder / "places.csv") for folder in arguments.folders))
    except (KeyError, OSError, ValueError) as error:
        parser.error(str(error))
    n = len(arguments.folders)
    about = {
        "data": arguments.data,
        "split": arguments.split,
        "command": f"python -m resmtnet.pipelines.evaluation.fusion.score_places ({n} folders) --output OUT",
    }
    metrics = write_fusion_scores(outcomes, places, arguments.output, about=about)
    page = arguments.output / "report.html"
    print(f"{metrics['n_nodules']} nodules of {metrics['n_patients']} patients. Look at {page}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
