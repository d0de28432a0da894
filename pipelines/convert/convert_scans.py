"""Every scan of a folder as a NIfTI file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..inference.plan_digest import plan_digest
from ..ingest.check_input import check_input
from ..ingest.ingest_options import IngestOptions
from ..ingest.plain_record import plain_record
from ..ingest.plan_scans import plan_scans
from ..ingest.scan_records import ScanRecords, origins_of
from ..records import Origin, SeriesPlan
from ..results.atomic_write import atomic_write
from ..results.links_csv import read_links, remove_links, write_links
from ..results.output_not_writable import writing
from ..results.plain_json import plain_json
from ..results.research_use import RESEARCH_USE
from ..with_progress import with_progress
from .convert_scan import convert_scan
from .converted_files import converted_cases, finished_record, nifti_path, record_path, remove_case
from .open_folder import open_folder

SCHEMA_VERSION = 1


def convert_scans(
    root: str | Path,
    output: str | Path,
    options: IngestOptions | None = None,
    *,
    orthogonal: bool = False,
    overwrite: bool = False,
    links: bool = True,
    progress: bool = False,
) -> ScanRecords:
    """Write every scan under ``root`` that inference would take to ``output/<case_id>.nii.gz``, in HU, in its place.

    Beside each stands its record, ``<case_id>.json``; a scan that is refused has the record only. Voxels and place are
    those that the network would be given. Scans that an earlier run converted in the same way are left alone.

    Parameters
    ----------
    root
        A scan, or a folder of any depth.
    output
        Made where missing; it may lie below ``root`` and is passed over there.
    options
        How scans are judged, chosen and named; the defaults where None.
    orthogonal
        Resample sheared volumes (gantry tilt) to a grid with right angles, for programs that know no other. A sheared
        grid is written as it is otherwise: its qform code is 0, only its sform says where it stands.
    overwrite
        Remove what earlier runs converted and do everything again.
    links
        Write ``private/links.csv``, which ties each case to its file and series; False removes an earlier one.
    progress
        Show bars on stderr where that is a terminal.

    Returns
    -------
    ScanRecords
        The records, as in the files, in the order of :func:`plan_scans`: no path, UID or patient text.

    Raises
    ------
    InputPathError
        ``root`` does not exist or may not be read.
    OutputNotWritable
        ``output`` cannot be made or written, holds something else, or is not apart from ``root``.
    """
    root, output = Path(root), Path(output)
    check_input(root)
    open_folder(root, output)
    scans = plan_scans(root, options, exclude=output, progress=progress)
    origins = origins_of(scans)
    with writing(output):
        if overwrite:
            for case_id in converted_cases(output):
                remove_case(output, case_id)
        records = [_convert(plan, output, orthogonal) for plan in with_progress(scans.plans, "scans", shown=progress)]
        for rejection in scans.rejections:
            record = _described(plain_record(rejection))
            _write(record, None, output)
            records.append(record)
        _write_links(origins, output, links)
    return ScanRecords(records, scans.skipped, origins)


def _convert(plan: SeriesPlan, output: Path, orthogonal: bool) -> dict[str, Any]:
    way = {"plan_digest": plan_digest(plan), "orthogonal": orthogonal, "choice": plan.choice}
    done = finished_record(output, plan.case_id)
    if done is not None and all(done.get(key) == value for key, value in way.items()):
        return done
    record, nifti = convert_scan(plan, orthogonal=orthogonal)
    record = _described({**record, **way})
    _write(record, nifti, output)
    return record


def _described(record: dict[str, Any]) -> dict[str, Any]:
    return {"schema_version": SCHEMA_VERSION, "note": RESEARCH_USE, "frame": "LPS", **record}


def _write(record: dict[str, Any], nifti: bytes | None, output: Path) -> None:
    """Write the voxels first and the record last; killed in between, the case counts as not done."""
    case_id = record["case_id"]
    encoded = plain_json(record)
    remove_case(output, case_id)
    if nifti is not None:
        atomic_write(nifti_path(output, case_id), nifti)
    atomic_write(record_path(output, case_id), encoded)


def _write_links(now: Mapping[str, Origin], output: Path, links: bool) -> None:
    if not links:
        remove_links(output)
        return
    here = set(converted_cases(output))
    earlier = read_links(output / "private" / "links.csv")
    kept = {case_id: origin for case_id, origin in earlier.items() if case_id in here}
    write_links(output, {**kept, **now})
