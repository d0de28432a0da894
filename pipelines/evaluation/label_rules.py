"""How readers' malignancy scores become labels. Every figure names its rule."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from .nodule_outcome import NoduleOutcome

LEAST_READERS = 3
"""A mean of fewer readers is not used."""
_INDETERMINATE = 3
_BENIGN_BELOW, _MALIGNANT_ABOVE = 2.5, 3.5

Sides = npt.NDArray[np.int64]
"""Of each nodule: 1 malignant, -1 benign, 0 left out."""

RULES: Mapping[str, str] = {
    "mean": f"mean rating above {_MALIGNANT_ABOVE} against below {_BENIGN_BELOW}, at least {LEAST_READERS} readers",
    "modal": "modal rating 4-5 against 1-2",
    "6_14mm": "modal rating 4-5 against 1-2, readers' diameter 6 to 14 mm",
    "mean_3_up": f"mean rating 3 or more against less, at least {LEAST_READERS} readers: none is left out",
    "modal_3_up": "modal rating 3-5 against 1-2: none is left out",
}


def sides_of(outcomes: Sequence[NoduleOutcome], rule: str) -> Sides:
    """Apply one of :data:`RULES`."""
    return np.array([_SIDE[rule](o) for o in outcomes], dtype=np.int64)


def mean_rating(outcome: NoduleOutcome) -> float:
    """Return the mean of at least three readers; nan for fewer."""
    return float(np.mean(outcome.scores)) if len(outcome.scores) >= LEAST_READERS else float("nan")


def malignant_label(outcome: NoduleOutcome) -> float:
    """Return 1 malignant, 0 benign, by the mean rating; nan where it is not clear."""
    return {-1: 0.0, 0: float("nan"), 1: 1.0}[_mean(outcome)]


def malignant_share(outcome: NoduleOutcome) -> float:
    """Return the share of at least three readers who said 4 or 5, a 3 counted as half; nan for fewer.

    What the rating head's malignancy probability predicts.
    """
    if len(outcome.scores) < LEAST_READERS:
        return float("nan")
    return float(np.mean([0.5 + 0.5 * np.sign(s - _INDETERMINATE) for s in outcome.scores]))


def _mean(outcome: NoduleOutcome) -> int:
    mean = mean_rating(outcome)
    return -1 if mean < _BENIGN_BELOW else 1 if mean > _MALIGNANT_ABOVE else 0


def _modal(outcome: NoduleOutcome) -> int:
    return 0 if outcome.modal_score == 0 else int(np.sign(outcome.modal_score - _INDETERMINATE))


def _modal_6_14mm(outcome: NoduleOutcome) -> int:
    return _modal(outcome) if 6 <= outcome.diameter_mm <= 14 else 0


def _mean_3_up(outcome: NoduleOutcome) -> int:
    mean = mean_rating(outcome)
    return 0 if np.isnan(mean) else 1 if mean >= _INDETERMINATE else -1


def _modal_3_up(outcome: NoduleOutcome) -> int:
    return 0 if outcome.modal_score == 0 else 1 if outcome.modal_score >= _INDETERMINATE else -1


_SIDE: Mapping[str, Callable[[NoduleOutcome], int]] = {
    "mean": _mean,
    "modal": _modal,
    "6_14mm": _modal_6_14mm,
    "mean_3_up": _mean_3_up,
    "modal_3_up": _modal_3_up,
}
