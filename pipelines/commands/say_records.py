"""The records of the scans of a folder, as lines for people or as JSON for scripts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..inference.exit_code import ExitCode, exit_code
from .say import counted, fail, put_json, say

if TYPE_CHECKING:
    from ..ingest.scan_records import ScanRecords

_INDENT = " " * 9


def say_records(found: ScanRecords, *, json_file: str | None, quiet: bool) -> int:
    """Print or write them, and give the exit code."""
    if json_file is not None:
        put_json(found.records, json_file)
    elif not quiet:
        say(_as_text(found))
    code = exit_code(record["status"] for record in found.records)
    if code == ExitCode.NOTHING_USABLE:
        return fail("No usable scan was found in the input.", code)
    return int(code)


def _as_text(found: ScanRecords) -> str:
    lines = [line for record in found.records for line in _lines(record)]
    if found.skipped:
        lines.append(f"no scans: {counted(found.skipped)}")
    return "\n".join([*lines, counted(Counter(record["status"] for record in found.records))])


def _lines(record: Mapping[str, Any]) -> list[str]:
    shape = "x".join(map(str, record.get("shape", ())))
    spacing = "x".join(f"{mm:.3g}" for mm in record.get("spacing_mm", ()))
    scan = f"{shape} at {spacing} mm" if shape else ""
    parts = (f"{record['status']:8}", record["case_id"], f"{record['n_files']:5} files", f"{scan:32}", *record["codes"])
    return [" ".join(parts).rstrip(), *(_INDENT + text for text in _remarks(record))]


def _remarks(record: Mapping[str, Any]) -> list[str]:
    choice = record.get("choice", "")
    ranked = [f"taken: {choice}"] if ";" in choice else []  # what merely fits needs no words
    return [text for text in (record["reason"], *record.get("notes", ()), *ranked) if text]
