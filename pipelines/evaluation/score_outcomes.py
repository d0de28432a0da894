"""Pool the outcomes of several runs, such as the folds of a cross-validation, and score their union.

Outcomes of nodules and of images are told apart by what their files say of their form.

``python -m resmtnet.pipelines.evaluation.score_outcomes A/outcomes.json B/outcomes.json --output OUT``
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from itertools import chain
from pathlib import Path

from .images.image_outcomes_file import FORMAT as IMAGES
from .images.pool_image_outcomes import pool_image_outcomes
from .images.write_image_scores import write_image_scores
from .nodule_metrics import Metrics
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
        "files", nargs="+", type=Path, metavar="OUTCOMES", help="outcomes.json of runs that share no patient or group"
    )
    parser.add_argument(
        "--output", required=True, type=Path, metavar="OUT", help="folder for metrics, plots and report"
    )
    parser.add_argument("--data", default="", help="what data this is, for the report")
    parser.add_argument("--split", default="", help="how it was split, for the report (and metrics, of images)")
    arguments = parser.parse_args(argv)
    try:
        metrics = _pooled(arguments.files, arguments.output, _about(arguments))
    except (OSError, ValueError) as error:
        parser.error(str(error))
    kinds = ("nodules", "patients") if "n_nodules" in metrics else ("images", "groups")
    counted = " of ".join(f"{metrics[f'n_{kind}']} {kind}" for kind in kinds)
    print(f"{counted}. Look at {arguments.output / 'report.html'}")
    return 0


def _pooled(files: Sequence[Path], output: Path, about: Mapping[str, str]) -> Metrics:
    first = json.loads(files[0].read_text(encoding="utf-8"))
    if isinstance(first, dict) and first.get("format") == IMAGES:
        return write_image_scores(pool_image_outcomes(files), output, about=about, extra={"split": about["split"]})
    return write_scores(pool_outcomes(files), output, about=about)


def _about(arguments: argparse.Namespace) -> Mapping[str, str]:
    n = len(arguments.files)
    command = f"python -m resmtnet.pipelines.evaluation.score_outcomes ({n} files of outcomes) --output OUT"
    return {"data": arguments.data, "split": arguments.split, "command": command}


if __name__ == "__main__":
    sys.exit(main())
