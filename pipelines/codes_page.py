"""``ingest/CODES.md``: every code, what it means, and what to do about it.

``python -m resmtnet.pipelines.codes_page > pipelines/ingest/CODES.md`` writes it anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from .codes import CODES, Code

_KINDS = {
    "E_": ("Refused", "The series is not read: what it says of itself cannot be proven right. All others go on."),
    "F_": ("Failed", "Reading or evaluating ended in an unforeseen way. All others go on; a next run tries again."),
    "W_": ("Warnings", "The series is read; its record carries the code, and its status is `warned`."),
    "I_": ("Left out", "No scan, or none that is wanted. Files are counted; nothing else becomes of them."),
}


def codes_page() -> str:
    """Give the page as Markdown, one table per kind of code."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    yield "# Codes"
    yield ""
    yield "What may be said of a scan. A code never changes its meaning; records, CSV and pages carry these and numbers"
    yield "only, never a name, a UID, a date or a path. Made from `pipelines/codes.py` by"
    yield "`python -m resmtnet.pipelines.codes_page`."
    for prefix, (title, text) in _KINDS.items():
        yield from (
            "",
            f"## {title} (`{prefix}`)",
            "",
            text,
            "",
            "| code | what it means | what to do |",
            "|---|---|---|",
        )
        yield from _rows({name: code for name, code in CODES.items() if name.startswith(prefix)})
    yield ""


def _rows(codes: Mapping[str, Code]) -> Iterator[str]:
    for name, code in sorted(codes.items()):
        yield f"| `{name}` | {code.summary} | {code.remedy} |"


if __name__ == "__main__":
    print(codes_page(), end="")
