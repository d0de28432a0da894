"""Everything that is written of judged nodules and places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from ...results.plain_json import Plain
from ..nodule_metrics import Metrics
from ..nodule_outcome import NoduleOutcome
from ..write_scores import write_scores
from .fusion_figures import fusion_figures
from .judged_place import JudgedPlace, write_places


def write_fusion_scores(
    outcomes: Sequence[NoduleOutcome],
    places: Sequence[JudgedPlace],
    folder: Path,
    *,
    about: Mapping[str, str] | None = None,
    extra: Mapping[str, Plain] | None = None,
    draws: int = 2000,
) -> Metrics:
    """Write what :func:`.write_scores` does, with :func:`fusion_figures` in ``metrics.json``, and ``places.csv``.

    Returns
    -------
    What ``metrics.json`` holds.
    """
    figures = {**(extra or {}), **fusion_figures(outcomes, places, draws=draws)}
    write_places(places, folder / "places.csv")
    return write_scores(outcomes, folder, about=about, extra=figures, draws=draws)
