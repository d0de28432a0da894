"""The figures of a set of nodules, with intervals by patient."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from .bootstrap_interval import bootstrap_interval
from .calibration_error import calibration_error
from .nodule_outcome import NoduleOutcome
from .roc_auc import roc_auc

_LEAST_READERS = 3
_BENIGN_BELOW, _MALIGNANT_ABOVE = 2.5, 3.5
_DETECTION_PROBABILITIES = (0.1, 0.3, 0.5)

Rows = npt.NDArray[np.int64]
Metrics = dict[str, float | int | list[float] | list[int] | None]


def nodule_metrics(outcomes: Sequence[NoduleOutcome]) -> Metrics:
    """Compute detection, outline, size and rating figures; each ``..._ci95`` is a bootstrap interval by patient.

    ``malignancy_auc`` compares nodules whose mean rating is below 2.5 with those above 3.5, rated by at least three
    readers; ``..._modal`` compares mode 1 or 2 with 4 or 5; ``..._diameter_only`` is the same rule with the annotated
    diameter as the score, the floor that any rating must beat. A figure without cases is None.
    """
    patients = [o.patient_id for o in outcomes]
    dice = np.array([o.dice for o in outcomes])
    error = np.array([o.predicted_diameter_mm - o.diameter_mm for o in outcomes])
    sides = _mean_rating_sides(outcomes)
    malignancy = np.array([o.malignancy_probability for o in outcomes])
    size = np.array([o.diameter_mm for o in outcomes])
    auc = _auc_of(malignancy, sides)
    everyone: Rows = np.arange(len(outcomes))
    rated = everyone[sides[everyone] != 0]
    metrics: Metrics = {
        "n_patients": len(set(patients)),
        "n_nodules": len(outcomes),
        "n_rated_clearly": len(rated),
        "malignancy_auc": auc(everyone),
        "malignancy_auc_ci95": list(bootstrap_interval(auc, patients)),
        "malignancy_auc_diameter_only": _auc_of(size, sides)(everyone),
        "malignancy_auc_modal": _auc_of(malignancy, _modal_sides(outcomes))(everyone),
        "malignancy_auc_6_14mm": _auc_of(malignancy, _modal_sides(outcomes))(everyone[(size >= 6) & (size <= 14)]),
        "ece": calibration_error(malignancy[rated], sides[rated] > 0),
        "dice_mean": _mean(dice),
        "dice_ci95": list(bootstrap_interval(lambda rows: _mean(dice[rows]), patients)),
        "diameter_mae_mm": _mean(np.abs(error)),
        "diameter_bias_mm": _mean(error),
    }
    for least in _DETECTION_PROBABILITIES:
        found = np.array([o.found and o.probability >= least for o in outcomes], float)
        metrics[f"sensitivity_at_{least:g}"] = _mean(found)
        metrics[f"sensitivity_at_{least:g}_ci95"] = list(
            bootstrap_interval(lambda rows, found=found: _mean(found[rows]), patients)  # type: ignore[misc]
        )
    return {name: _plain(value) for name, value in metrics.items()}


def write_metrics(metrics: Metrics, path: Path) -> None:
    """Write the figures as JSON, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(metrics, indent=2) + "\n")
    partial.replace(path)


def _mean_rating_sides(outcomes: Sequence[NoduleOutcome]) -> npt.NDArray[np.int64]:
    """-1 benign, 1 malignant, 0 neither, by the mean of at least three readers."""
    sides = []
    for o in outcomes:
        mean = float(np.mean(o.scores)) if len(o.scores) >= _LEAST_READERS else float("nan")
        sides.append(-1 if mean < _BENIGN_BELOW else 1 if mean > _MALIGNANT_ABOVE else 0)
    return np.array(sides, dtype=np.int64)


def _modal_sides(outcomes: Sequence[NoduleOutcome]) -> npt.NDArray[np.int64]:
    return np.array([0 if o.modal_score in (0, 3) else np.sign(o.modal_score - 3) for o in outcomes], dtype=np.int64)


def _auc_of(score: npt.NDArray[np.float64], sides: npt.NDArray[np.int64]) -> Callable[[Rows], float]:
    def auc(rows: Rows) -> float:
        clear = rows[sides[rows] != 0]
        return roc_auc(score[clear], sides[clear] > 0)

    return auc


def _mean(values: npt.NDArray[np.float64]) -> float:
    return float(values.mean()) if len(values) else float("nan")


def _plain(value: float | int | list[float] | list[int] | None) -> float | int | list[float] | list[int] | None:
    """JSON knows no nan: a figure without cases is None."""
    if isinstance(value, list):
        return value if all(np.isfinite(value)) else None
    return None if isinstance(value, float) and not np.isfinite(value) else value
