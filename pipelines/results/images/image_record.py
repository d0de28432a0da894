"""An image case as it stands on disk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...records import Status


@dataclass(frozen=True)
class ImageRecord:
    """What ``case.json`` says; ``pictures`` are its entries as they stand there, ``key`` the most positive of them."""

    case_id: str
    status: Status
    codes: tuple[str, ...]
    reason: str
    notes: tuple[str, ...]
    choice: str
    classes: Mapping[str, float]
    predicted: str
    positive: str
    key: int
    pictures: Sequence[Mapping[str, Any]]  # JSON
    n_pictures: int
    n_files: int
    input_digest: str
    plan_digest: str
    config_hash: str
    weights_hash: str
    bundle: str
    outputs: tuple[str, ...]
    timings_s: Mapping[str, float]
    files: tuple[str, ...]
    """Of ``overlay.png``, ``mask.png``, ``slices.csv``, those that are there."""
