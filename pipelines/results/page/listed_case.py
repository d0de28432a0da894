"""What the lists of a run's page ask of a case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from ...records import Status


class ListedCase(Protocol):
    """The record of a case of any kind."""

    @property
    def case_id(self) -> str:
        """Its name."""

    @property
    def status(self) -> Status:
        """How it ended."""

    @property
    def codes(self) -> tuple[str, ...]:
        """What was remarked."""

    @property
    def reason(self) -> str:
        """Why it was refused."""

    @property
    def n_files(self) -> int:
        """Files that belong to it."""

    @property
    def timings_s(self) -> Mapping[str, float]:
        """Seconds by stage."""
