"""Every row of the catalogue of ingest cases is tried, under its number."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

ROWS = range(1, 53)


def test_every_row_has_a_case():
    names: set[str] = set()
    for path in Path(__file__).parent.glob("test_*.py"):
        defined = runpy.run_path(str(path))
        for table in ("ROWS", "PADDING"):
            if isinstance(defined.get(table), dict):
                names |= defined[table].keys()
    tried = {int(number) for name in names for number in re.findall(r"^row(\d\d)_\w", name)}
    assert tried == set(ROWS)
