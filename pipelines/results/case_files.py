"""The registry: every file of a case and who makes it."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from ..records import CaseResult, Volume
from .case_json import case_json
from .nodules_nifti import nodules_nifti
from .preview_png import preview_png


class Encoder(Protocol):
    """From a case to the bytes of one file, or None where the case has no such file."""

    def __call__(self, result: CaseResult, volume: Volume | None, /) -> bytes | None:
        """Encode the case; ``volume`` is None for a case that was not read."""


class CaseFile(NamedTuple):
    """A file in the folder of a case."""

    name: str
    encode: Encoder


CASE_FILES: tuple[CaseFile, ...] = (
    CaseFile("nodules.nii.gz", nodules_nifti),
    CaseFile("preview.png", preview_png),
    CaseFile("case.json", case_json),  # last: its presence means that the case is done
)
