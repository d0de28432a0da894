"""Read what one part of a divided run left."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ..ingest.input_path_error import InputPathError
from ..results.finished_cases import finished_cases
from ..results.images.finished_images import finished_images
from ..results.images.image_case_json import IMAGE_KIND
from ..results.images.image_run_json import IMAGE_RUN_SCHEMA_VERSION
from ..results.links_csv import links_path, read_links
from ..results.run_info import RunInfo
from ..results.run_json import RUN_SCHEMA_VERSION
from ..results_marker import MARKER
from .part import Part, Record

_VERSIONS = (RUN_SCHEMA_VERSION, IMAGE_RUN_SCHEMA_VERSION)


def read_part(folder: Path) -> Part:
    """Read the results of a shard.

    Raises
    ------
    InputPathError
        It is no folder of results, its run did not end, or results of its run are missing.
    """
    if not (folder / MARKER).is_file():
        raise InputPathError(f"{folder} is no OUTPUT of resmtnet infer.")
    try:
        content = json.loads((folder / "run.json").read_bytes())
    except (OSError, ValueError):
        raise InputPathError(f"The run of {folder} did not end: there is no run.json. Run that shard again.") from None
    of_images = content.get("kind") == IMAGE_KIND
    if content.get("schema_version") != _VERSIONS[of_images]:
        raise InputPathError(f"{folder} was written by another version of resmtnet. Run that shard again.")
    found: dict[str, Record] = dict(finished_images(folder) if of_images else finished_cases(folder))
    missing = [case_id for case_id in content["case_ids"] if case_id not in found]
    if missing:
        raise InputPathError(f"{folder} lacks {len(missing)} of the cases of its run. Run that shard again.")
    records = {case_id: found[case_id] for case_id in content["case_ids"]}
    model = content["config_hash"], content["weights_hash"]
    if any((record.config_hash, record.weights_hash) != model for record in records.values()):
        raise InputPathError(f"{folder} holds cases of another model than its run. Run that shard again.")
    return Part(folder, of_images, _run(content), records, _links(folder, records))


def _run(content: Any) -> RunInfo:
    return RunInfo(
        bundle=content["bundle"],
        exit_code=content["exit_code"],
        config_hash=content["config_hash"],
        weights_hash=content["weights_hash"],
        device=content["device"],
        backend=content["backend"],
        precision=content["precision"],
        shard=content["shard"],
        all_cases_hash=content["all_cases_hash"],
        versions=content["versions"],
        timings_s=content["timings_s"],
        skipped=content["skipped_by_code"],
        outputs=tuple(content["outputs"]),
    )


def _links(folder: Path, records: dict[str, Record]) -> Any:
    if not links_path(folder).is_file():
        return None
    return {case_id: origin for case_id, origin in read_links(links_path(folder)).items() if case_id in records}
