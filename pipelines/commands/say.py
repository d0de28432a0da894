"""What a command says to people, and to scripts."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def fail(message: str, code: int) -> int:
    """Print why the command ends and give its exit code."""
    print(f"resmtnet: {message}", file=sys.stderr)
    return int(code)


def counted(by_name: Mapping[str, int]) -> str:
    """Give counts as words."""
    return ", ".join(f"{count} {name}" for name, count in sorted(by_name.items())) or "none"


def put_json(value: Any, file: str) -> None:
    """Write JSON to a file, ``-`` for stdout."""
    text = json.dumps(value, indent=2) + "\n"
    if file == "-":
        print(text, end="")
        return
    from ..results.output_not_writable import writing

    with writing(Path(file)):
        Path(file).write_text(text, encoding="utf-8")


def record_line(record: Mapping[str, Any]) -> str:
    """Give the record of a scan as one line."""
    shape = "x".join(map(str, record.get("shape", ())))
    spacing = "x".join(f"{mm:.3g}" for mm in record.get("spacing_mm", ()))
    scan = f"{shape} at {spacing} mm" if shape else ""
    parts = (f"{record['status']:8}", record["case_id"], f"{record['n_files']:5} files", f"{scan:32}", *record["codes"])
    return " ".join(parts).rstrip()
