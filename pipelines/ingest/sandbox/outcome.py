"""What became of a task."""

from __future__ import annotations

from dataclasses import dataclass

from ..ingest_error import IngestError


@dataclass(frozen=True)
class Outcome:
    """The numbers of the result, or the error, and the last step that was begun (None: none)."""

    numbers: tuple[int | float, ...] = ()
    error: IngestError | None = None
    at: int | None = None
