"""A case as it stands on disk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..records import Status


@dataclass(frozen=True)
class CaseRecord:
    """What ``case.json`` says; ``findings`` are its entries as they stand there."""

    case_id: str
    status: Status
    codes: tuple[str, ...]
    reason: str
    notes: tuple[str, ...]
    choice: str
    n_files: int
    input_digest: str
    plan_digest: str
    config_hash: str
    weights_hash: str
    bundle: str
    outputs: tuple[str, ...]
    timings_s: Mapping[str, float]
    findings: Sequence[Mapping[str, Any]]  # JSON
    has_preview: bool
