from __future__ import annotations

import re
from importlib import resources

from resmtnet.pipelines.codes import CODES

CODE = re.compile(r"\"([EFWI]_[A-Z][A-Z0-9_]+)\"")


def test_every_code_in_the_source_is_in_the_table_and_the_other_way_round():
    used: set[str] = set()
    package = resources.files("resmtnet")
    sources = [package / "transforms", package / "pipelines"]
    while sources:
        entry = sources.pop()
        if entry.is_dir():
            sources += entry.iterdir()
        elif entry.name.endswith(".py") and entry.name != "codes.py":
            used |= set(CODE.findall(entry.read_text(encoding="utf-8")))
    assert used == set(CODES)


def test_every_code_is_explained():
    for code in CODES.values():
        assert code.summary.endswith(".")
        assert code.remedy.endswith(".")
