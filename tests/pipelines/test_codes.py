from __future__ import annotations

import re
from importlib import resources

from resmtnet.pipelines.codes import CODES
from resmtnet.pipelines.codes_page import codes_page

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


def test_the_page_of_the_codes_is_up_to_date():
    page = resources.files("resmtnet.pipelines.ingest") / "CODES.md"
    assert page.read_text(encoding="utf-8") == codes_page()
    assert set(re.findall(r"^\| `(\w+)` \|", codes_page(), re.MULTILINE)) == set(CODES)
