"""Whatever nobody thought of, as a fault of the input."""

from __future__ import annotations

from ..name_fault import name_fault
from .ingest_error import IngestError


def unforeseen_error(error: Exception) -> IngestError:
    """Make ``F_READ`` (failed) of any exception, so that one odd scan never stops the rest."""
    return IngestError("F_READ", f"{name_fault(error)}.", "failed")
