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
Statistic = Callable[[Rows], float]
Metrics = dict[str, float | int | list[float] | list[int] | None]


def nodule_metrics(outcomes: Sequence[NoduleOutcome]) -> Metrics:
    """Compute detection, outline, size and rating figures, each with ``..._ci95``, a bootstrap interval by patient.

    ``malignancy_auc`` compares nodules whose mean rating is below 2.5 with those above 3.5, rated by at least three
    readers; ``..._diameter_only`` is the same with the readers' diameter as the score, the floor that any rating must
    beat; ``..._modal`` compares mode 1 or 2 with 4 or 5. A figure without cases is None.
    """
    patients = [o.patient_id for o in outcomes]
    metrics: Metrics = {
        "n_patients": len(set(patients)),
        "n_nodules": len(outcomes),
        "n_rated_clearly": int(np.count_nonzero(_mean_rating_sides(outcomes))),
    }
    for name, statistic in _statistics(outcomes).items():
        metrics[name] = _plain(statistic(np.arange(len(outcomes))))
        metrics[f"{name.removesuffix('_mean')}_ci95"] = _plain(list(bootstrap_interval(statistic, patients)))
    return metrics


def _statistics(outcomes: Sequence[NoduleOutcome]) -> dict[str, Statistic]:
    """Functions of row numbers, by name."""
    mean, modal = _mean_rating_sides(outcomes), _modal_sides(outcomes)
    malignancy = np.array([o.malignancy_probability for o in outcomes])
    size = np.array([o.diameter_mm for o in outcomes])
    error = np.array([o.predicted_diameter_mm - o.diameter_mm for o in outcomes])
    found = np.array([o.probability if o.found else -1.0 for o in outcomes])
    return {
        "malignancy_auc": _auc_of(malignancy, mean),
        "malignancy_auc_diameter_only": _auc_of(size, mean),
        "malignancy_auc_modal": _auc_of(malignancy, modal),
        "malignancy_auc_6_14mm": _auc_of(malignancy, np.where((size >= 6) & (size <= 14), modal, 0)),
        "ece": _calibration_of(malignancy, mean),
        "dice_mean": _mean_of(np.array([o.dice for o in outcomes])),
        "diameter_mae_mm": _mean_of(np.abs(error)),
        "diameter_bias_mm": _mean_of(error),
        **{f"sensitivity_at_{p:g}": _mean_of((found >= p).astype(float)) for p in _DETECTION_PROBABILITIES},
    }


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


def _auc_of(score: npt.NDArray[np.float64], sides: npt.NDArray[np.int64]) -> Statistic:
    def auc(rows: Rows) -> float:
        clear = rows[sides[rows] != 0]
        return roc_auc(score[clear], sides[clear] > 0)

    return auc


def _calibration_of(probability: npt.NDArray[np.float64], sides: npt.NDArray[np.int64]) -> Statistic:
    def error(rows: Rows) -> float:
        clear = rows[sides[rows] != 0]
        return calibration_error(probability[clear], sides[clear] > 0)

    return error


def _mean_of(values: npt.NDArray[np.float64]) -> Statistic:
    return lambda rows: float(values[rows].mean()) if len(rows) else float("nan")


def _plain(value: float | list[float]) -> float | list[float] | None:
    """JSON knows no nan: a figure without cases is None."""
    if isinstance(value, list):
        return value if all(np.isfinite(value)) else None
    return value if np.isfinite(value) else None
