"""The results of one part of a divided run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ..records import Origin
from ..results.case_record import CaseRecord
from ..results.images.image_record import ImageRecord
from ..results.run_info import RunInfo

Record = CaseRecord | ImageRecord


@dataclass(frozen=True)
class Part:
    """A folder of results, as its ``run.json`` tells of it; ``links`` are None where it was run without."""

    folder: Path
    of_images: bool
    run: RunInfo
    records: Mapping[str, Record]
    links: Mapping[str, Origin] | None
