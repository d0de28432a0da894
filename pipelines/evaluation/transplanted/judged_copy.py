"""A copy and what the candidates in it are."""

from __future__ import annotations

from dataclasses import dataclass

from ..detection.judge_scan import ScanOutcome
from ..detection.true_scan import Place
from .planted_copies import CopyTruth


@dataclass(frozen=True)
class JudgedCopy:
    """The truth about a copy, and the judgement of its candidates, hits in the order of the truth's places."""

    truth: CopyTruth
    outcome: ScanOutcome

    @property
    def planted(self) -> tuple[tuple[Place, float | None], ...]:
        """Planted nodules, each with the probability of its best candidate, None where it has none."""
        return tuple(zip(self.truth.scan.nodules, self.outcome.hits, strict=True))[: len(self.truth.keys)]

    @property
    def lesions(self) -> tuple[tuple[Place, float | None], ...]:
        """The scan's own lesions in the same way."""
        return tuple(zip(self.truth.scan.nodules, self.outcome.hits, strict=True))[len(self.truth.keys) :]
