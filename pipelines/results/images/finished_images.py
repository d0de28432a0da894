"""Read back which image cases are done."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import get_args

from ...records import Status
from .image_case_json import IMAGE_KIND, IMAGE_SCHEMA_VERSION
from .image_record import ImageRecord

_FILES = ("overlay.png", "mask.png", "slices.csv")


def finished_images(output: Path) -> Mapping[str, ImageRecord]:
    """Return the record of every image case whose ``case.json`` is there, whole and of this version, by case id.

    As :func:`.finished_cases` does for scans, whose records are passed over.
    """
    records = (_read(folder) for folder in sorted((output / "cases").glob("[!.]*")))
    return {record.case_id: record for record in records if record is not None}


def _read(folder: Path) -> ImageRecord | None:
    try:
        content = json.loads((folder / "case.json").read_bytes())
        record = ImageRecord(
            case_id=content["case_id"],
            status=content["status"],
            codes=tuple(content["codes"]),
            reason=content["reason"],
            notes=tuple(content["notes"]),
            choice=content["choice"],
            classes=content["classes"],
            predicted=content["predicted"],
            positive=content["positive"],
            key=content["key"],
            pictures=content["pictures"],
            n_pictures=content["n_pictures"],
            n_files=content["n_files"],
            input_digest=content["input_digest"],
            plan_digest=content["plan_digest"],
            config_hash=content["config_hash"],
            weights_hash=content["weights_hash"],
            bundle=content["bundle"],
            outputs=tuple(content["outputs"]),
            timings_s=content["timings_s"],
            files=tuple(name for name in _FILES if (folder / name).is_file()),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
    form = (content.get("schema_version"), content.get("kind"))
    right = form == (IMAGE_SCHEMA_VERSION, IMAGE_KIND) and record.case_id == folder.name
    return record if right and record.status in get_args(Status) else None
