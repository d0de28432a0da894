"""Where the page of a case is, seen from ``index.html``."""

from __future__ import annotations

from urllib.parse import quote

from ..case_record import CaseRecord

_DONE = ("ok", "warned")


def case_page(case: CaseRecord) -> str | None:
    """Return the relative address of its page; None where it has none (not read, or not asked for)."""
    return f"cases/{quote(case.case_id)}/case.html" if case.status in _DONE and "html" in case.outputs else None
