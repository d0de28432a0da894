"""Pool the outcomes of several runs, such as the folds of a cross-validation, and score their union.

``python -m resmtnet.pipelines.evaluation.score_outcomes A/outcomes.json B/outcomes.json --output OUT``
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from itertools import chain
from pathlib import Path

from .nodule_outcome import NoduleOutcome
from .outcomes_file import read_outcomes
from .write_scores import write_scores


def pool_outcomes(files: Sequence[Path]) -> list[NoduleOutcome]:
    """Read outcomes of runs that share no patient.

    Raises
    ------
    ValueError
        A patient is in more than one file, a nodule twice in one, or a file is of another form.
    """
    read = [read_outcomes(path) for path in files]
    patients = list(chain.from_iterable({o.patient_id for o in outcomes} for outcomes in read))
    if (shared := len(patients) - len(set(patients))) > 0:
        raise ValueError(f"{shared} patients are in more than one file: expected runs on different patients")
    outcomes = list(chain.from_iterable(read))
    if (twice := len(outcomes) - len({o.key for o in outcomes})) > 0:
        raise ValueError(f"{twice} nodules are there twice: expected every key once")
    return outcomes


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; 2 for wrong usage."""
    parser = argparse.ArgumentParser(prog="python -m resmtnet.pipelines.evaluation.score_outcomes", description=__doc__)
    parser.add_argument(
        "files", nargs="+", type=Path, metavar="OUTCOMES", help="outcomes.json of runs that share no patient"
    )
    parser.add_argument(
        "--output", required=True, type=Path, metavar="OUT", help="folder for metrics, plots and report"
    )
    parser.add_argument("--data", default="", help="what data this is, for the report")
    parser.add_argument("--split", default="", help="how it was split, for the report")
    arguments = parser.parse_args(argv)
    try:
        outcomes = pool_outcomes(arguments.files)
    except (OSError, ValueError) as error:
        parser.error(str(error))
    metrics = write_scores(outcomes, arguments.output, about=_about(arguments))
    n, patients, page = metrics["n_nodules"], metrics["n_patients"], arguments.output / "report.html"
    print(f"{n} nodules of {patients} patients. Look at {page}")
    return 0


def _about(arguments: argparse.Namespace) -> Mapping[str, str]:
    n = len(arguments.files)
    command = f"python -m resmtnet.pipelines.evaluation.score_outcomes ({n} files of outcomes) --output OUT"
    return {"data": arguments.data, "split": arguments.split, "command": command}


if __name__ == "__main__":
    sys.exit(main())
