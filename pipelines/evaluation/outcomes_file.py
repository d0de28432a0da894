"""Judged nodules in a file, so that figures can be computed again without the network."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, asdict, fields
from math import isfinite
from pathlib import Path
from typing import Any

from ..results.atomic_write import atomic_write
from ..results.plain_json import plain_json
from .nodule_outcome import NoduleOutcome

_FORMAT = "resmtnet.nodule_outcomes.1"
_FIELDS = {f.name for f in fields(NoduleOutcome)}
_REQUIRED = {f.name for f in fields(NoduleOutcome) if f.default is MISSING and f.default_factory is MISSING}
_MAY_BE_NAN = "diameter_mm"
"""A nodule that is only a point has no diameter; JSON has no nan."""
_FINITE = _REQUIRED - {_MAY_BE_NAN}


def write_outcomes(outcomes: Sequence[NoduleOutcome], path: Path) -> None:
    """Write outcomes as JSON, by key, whole or not at all; an optional figure that is not finite becomes null.

    Raises
    ------
    ValueError
        A required figure is not finite; the message names its place.
    """
    entries = [_entry(o) for o in sorted(outcomes, key=lambda o: o.key)]
    path.parent.mkdir(parents=True, exist_ok=True)
    atomic_write(path, plain_json({"format": _FORMAT, "outcomes": entries}))


def read_outcomes(path: Path) -> list[NoduleOutcome]:
    """Read what :func:`write_outcomes` wrote.

    Raises
    ------
    ValueError
        The file is of another form; the message says where and what was expected.
    """
    content = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(content, dict) or content.get("format") != _FORMAT:
        raise ValueError(
            f"{path.name}: not outcomes of nodules (expected format {_FORMAT}); write it with evaluate.yaml"
        )
    return [_outcome(entry, f"{path.name}, outcome {n}") for n, entry in enumerate(content["outcomes"])]


def _entry(outcome: NoduleOutcome) -> dict[str, Any]:
    entry = asdict(outcome)
    return {name: None if name not in _FINITE and _is_faulty(value) else value for name, value in entry.items()}


def _is_faulty(value: object) -> bool:
    return isinstance(value, float) and not isfinite(value)


def _outcome(entry: Mapping[str, Any], place: str) -> NoduleOutcome:
    if missing := sorted(_REQUIRED - entry.keys()):
        raise ValueError(f"{place}: expected {', '.join(missing)}, which are missing")
    if unknown := sorted(entry.keys() - _FIELDS):
        raise ValueError(f"{place}: found {', '.join(unknown)}, which this version does not know")
    if entry[_MAY_BE_NAN] is None:
        entry = {**entry, _MAY_BE_NAN: float("nan")}
    return NoduleOutcome(**entry)
