"""The registry: every file of a run and who makes it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from .case_record import CaseRecord
from .findings_csv import findings_csv
from .index_html import index_html
from .run_info import RunInfo
from .run_json import run_json


class Encoder(Protocol):
    """From the cases of a run to the bytes of one file."""

    def __call__(self, cases: Sequence[CaseRecord], run: RunInfo, /) -> bytes:
        """Encode the run."""


class RunFile(NamedTuple):
    """A file at the top of the output folder; ``output`` is the word that asks for it."""

    output: str
    name: str
    encode: Encoder


RUN_FILES: tuple[RunFile, ...] = (
    RunFile("csv", "findings.csv", findings_csv),
    RunFile("html", "index.html", index_html),
    RunFile("json", "run.json", run_json),
)
