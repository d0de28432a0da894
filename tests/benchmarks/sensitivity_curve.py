"""Sensitivity and specificity of the positive class as the balance q of the loss changes.

    python tests/benchmarks/sensitivity_curve.py busi OUT --bundle breast_ultrasound --cross_validation CV --jobs 2

Goes on from the weights of each fold that image_cross_validation.py left in CV, for a few epochs with only q changed
(q = 1 goes on, too), scores the fold that none of them was trained on, and pools the folds. The theory stands beside:
a threshold of 0.5 on what was trained with q is one of 1 / (1 + q) on what was trained with q = 1
(resmtnet.networks.losses.balanced_bce). Writes OUT/sensitivity_curve.csv, .svg and .png; sensitivity is of the positive
class, specificity of the other classes with a lesion, both at a probability of 0.5, with 95 % intervals by group.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from image_cross_validation import add_common, common_settings, one_fold

from resmtnet.pipelines.evaluation.images.judged_images import JudgedImages
from resmtnet.pipelines.evaluation.images.pool_image_outcomes import pool_image_outcomes
from resmtnet.pipelines.evaluation.patient_draws import draw_patients
from resmtnet.pipelines.evaluation.report.draw_plot import draw_plot
from resmtnet.pipelines.evaluation.report.drawing import Drawing
from resmtnet.pipelines.evaluation.report.series import Series
from resmtnet.pipelines.evaluation.report.write_plots import write_plots
from resmtnet.pipelines.evaluation.statistic.mean_of import mean_of
from resmtnet.pipelines.results.atomic_write import atomic_write

RATES = ("sensitivity", "specificity")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_common(parser)
    parser.add_argument("--cross_validation", type=Path, required=True, help="OUT of image_cross_validation.py")
    parser.add_argument("--q", type=float, nargs="+", default=[0.25, 0.5, 1.0, 2.0, 4.0])
    parser.add_argument("--epochs", type=int, default=5, help="with the new q")
    parser.add_argument("--learning_rate", type=float, default=0.0003, help="the highest of them")
    options = parser.parse_args()
    output = options.output_dir.resolve()
    judged = {q: pooled(q, output, options) for q in sorted({*options.q, 1.0})}
    write_curve({q: curve_row(q, judged[q], judged[1.0]) for q in judged}, output, judged[1.0].positive)


def pooled(q: float, output: Path, options: argparse.Namespace) -> JudgedImages:
    """Train and score every fold that the cross-validation has, with this q."""
    weights = sorted(options.cross_validation.resolve().glob("fold_*/models/model_last.pt"))
    if not weights:
        raise SystemExit(f"{options.cross_validation} has no fold_N/models/model_last.pt")
    changed = {"class_q": q, "max_epochs": options.epochs, "val_interval": options.epochs}
    own = common_settings(options) | {"learning_rate": options.learning_rate, **changed}

    def fold(path: Path) -> Path:
        earlier = json.loads((path.parents[1] / "trained.json").read_text())
        settings = {**earlier, **own, "initial_weights": path}
        folder = output / f"q_{q:g}" / path.parents[1].name
        return Path(one_fold(earlier["fold"], folder, settings, options))

    with ThreadPoolExecutor(options.jobs) as pool:
        return pool_image_outcomes(list(pool.map(fold, weights)))


def curve_row(q: float, trained: JudgedImages, balanced: JudgedImages) -> dict[str, float]:
    """Return both rates with their intervals, and what the theory says they are, from the outcomes for q = 1."""
    row = {"q": q, **_rates(trained, 0.5)}
    return row | {f"{name}_theory": value for name, value in _rates(balanced, 1 / (1 + q)).items()}


def _rates(judged: JudgedImages, threshold: float) -> dict[str, float]:
    called, sides = (judged.score >= threshold).astype(float), judged.against_lesions
    draws = draw_patients(judged.groups)
    found: dict[str, float] = {}
    rates = (np.where(sides > 0, called, np.nan), np.where(sides < 0, 1 - called, np.nan))
    for name, values in zip(RATES, rates, strict=True):
        figure = draws.figure(mean_of(values))
        found |= {name: figure.value, f"{name}_low": figure.low, f"{name}_high": figure.high}
    return found


def write_curve(rows: dict[float, dict[str, float]], output: Path, positive: str) -> None:
    stream = io.StringIO()
    table = list(rows.values())
    writer = csv.DictWriter(stream, list(table[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(table)
    output.mkdir(parents=True, exist_ok=True)
    atomic_write(output / "sensitivity_curve.csv", stream.getvalue().encode())
    write_plots({"sensitivity_curve": curve_plot(table, positive)}, output)
    print(stream.getvalue())


def curve_plot(table: Sequence[dict[str, float]], positive: str) -> Drawing:
    q = [row["q"] for row in table]
    series = []
    for name in RATES:
        column = {end: [row[f"{name}{end}"] for row in table] for end in ("", "_low", "_high", "_theory")}
        trained = Series(name=name, x=q, y=column[""], low=column["_low"], high=column["_high"], kind="both")
        series += [trained, Series(name=f"{name}, by theory", x=q, y=column["_theory"])]
    return draw_plot(
        series,
        title=f"Trained with q: {positive}, at a probability of 0.5",
        x_label="q, the weight of a missed positive",
        y_label="share",
        x_log=True,
        y_range=(0.0, 1.0),
    )


if __name__ == "__main__":
    main()
