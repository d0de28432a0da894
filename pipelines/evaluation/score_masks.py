"""Figures of predicted masks."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ..ingest.input_path_error import InputPathError
from ..results.plain_json import Plain
from .bootstrap_interval import bootstrap_interval
from .detection.predictions import Fault
from .detection.read_mask_folder import mask_files
from .detection.read_nifti_mask import read_nifti_mask
from .detection.scan_name import scan_name
from .detection.scoring_error import ScoringError
from .mask_agreement import MaskAgreement, mask_agreement

_SAME_PLACE_MM = 0.01
"""Affines that differ by less are one grid: far below a voxel, far above what float32 headers lose."""


@dataclass(frozen=True, eq=False)
class MaskScores:
    """``metrics`` for metrics.json, the agreement by case name, and the cases that could not be compared."""

    metrics: Mapping[str, Plain]
    by_case: Mapping[str, MaskAgreement]
    faults: tuple[Fault, ...]


def score_masks(predicted: Path, truth: Path, *, draws: int = 2000) -> MaskScores:
    """Compare NIfTI masks, two files or the files of two folders by their names; anything but 0 is inside.

    Masks must lie on one grid; axes stored in another order are put in order. A truth without a prediction is a
    faulty case, for an empty mask must be said; a prediction without truth is left out and counted.

    Raises
    ------
    InputPathError
        A path does not exist, or one is a file and the other a folder.
    ScoringError
        No case can be compared.
    """
    said, true = _files(predicted, truth)
    found: dict[str, MaskAgreement] = {}
    faults = []
    for n, (name, path) in enumerate(true.items(), 1):
        try:
            found[name] = _compare(said.get(name), path)
        except ValueError as error:
            faults.append(Fault(f"case {n} of the sorted names", str(error)))
    if not found:
        raise ScoringError(
            f"No mask can be compared. {faults[0].where}: {faults[0].reason}."
            if faults
            else "The folder of true masks holds no NIfTI file."
        )
    metrics = {
        **_figures(list(found.values()), draws),
        "n_faulty": len(faults),
        "n_predicted_without_truth": len(said.keys() - true.keys()),
    }
    return MaskScores(metrics, found, tuple(faults))


def _files(predicted: Path, truth: Path) -> tuple[Mapping[str, Path], Mapping[str, Path]]:
    if missing := [path for path in (predicted, truth) if not path.exists()]:
        raise InputPathError(f"cannot read {missing[0]}: it does not exist.")
    if predicted.is_dir() != truth.is_dir():
        raise InputPathError(f"cannot compare {predicted} with {truth}: give two files or two folders.")
    if truth.is_file():
        return {"": predicted}, {"": truth}
    said, true = ({scan_name(path.name): path for path in mask_files(folder)} for folder in (predicted, truth))
    return said, true


def _compare(predicted: Path | None, truth: Path) -> MaskAgreement:
    if predicted is None:
        raise ValueError("it has no predicted mask of the same name")
    (a, place_a), (b, place_b) = read_nifti_mask(predicted), read_nifti_mask(truth)
    if a.shape != b.shape or not np.allclose(place_a, place_b, rtol=0, atol=_SAME_PLACE_MM):
        raise ValueError("predicted and true mask are not on one grid")
    i, j, k = (float(v) for v in np.linalg.norm(place_b[:3, :3], axis=0))
    return mask_agreement((a != 0).T, (b != 0).T, (k, j, i))


def _figures(cases: Sequence[MaskAgreement], draws: int) -> Mapping[str, Plain]:
    volume = np.array([c.volume_mm3 for c in cases])
    error = np.array([c.predicted_volume_mm3 for c in cases]) - volume
    share = np.divide(np.abs(error), volume, out=np.full(len(cases), np.nan), where=volume > 0)
    known = {
        "dice_mean": np.array([c.dice for c in cases]),
        "surface_distance_mm_mean": np.array([c.surface_distance_mm for c in cases]),
        "hausdorff95_mm_mean": np.array([c.hausdorff95_mm for c in cases]),
        "volume_bias_mm3": error,
        "volume_mae_mm3": np.abs(error),
        "volume_error_share_mean": share,
    }
    metrics: dict[str, Plain] = {"n_cases": len(cases)}
    for name, values in known.items():
        metrics[name] = _finite(_mean(values)(np.arange(len(cases))))
        ends = bootstrap_interval(_mean(values), [str(n) for n in range(len(cases))], draws=draws)
        metrics[f"{name.removesuffix('_mean')}_ci95"] = [*ends] if all(map(math.isfinite, ends)) else None
    half = 1.96 * float(error.std(ddof=1)) if len(cases) > 1 else float("nan")
    metrics["volume_limits_of_agreement_mm3"] = (
        [float(error.mean()) - half, float(error.mean()) + half] if math.isfinite(half) else None
    )
    return metrics


def _mean(values: npt.NDArray[np.float64]) -> Callable[[npt.NDArray[np.int64]], float]:
    """Mean over the cases where there is something to say (a Dice of two empty masks is nan)."""

    def mean(rows: npt.NDArray[np.int64]) -> float:
        known = values[rows][np.isfinite(values[rows])]
        return float(known.mean()) if len(known) else float("nan")

    return mean


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
