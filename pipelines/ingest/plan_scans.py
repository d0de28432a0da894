"""A folder to the list of scans in it: the judgement before any pixel is decoded."""

from __future__ import annotations

import dataclasses
from collections import Counter, defaultdict
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from ..records import Origin, Rejection, SeriesPlan, Status
from ..with_progress import with_progress
from .case_ids import count_collisions, hash_identity
from .choice.choose_series import choose_series
from .header.read_slice_headers import read_slice_headers
from .header.slice_header import SliceHeader
from .ingest_error import IngestError
from .ingest_options import IngestOptions
from .series.plan_series import Outcome, plan_series
from .tree.open_regular import open_regular
from .tree.walk_files import Walk, walk_files
from .unforeseen_error import unforeseen_error
from .volume_file.plan_volume_file import companion_of, is_volume_file, plan_volume_file

_FINGERPRINT_BYTES = 32 * 2**10


@dataclass(frozen=True)
class ScanList:
    """What is in a folder: series and volume files to read, refusals, and counts of the files that are neither.

    ``plans`` and ``rejections`` are sorted by relative path; ``skipped`` counts files by their ``I_`` code. Where some
    were left to other shards, ``all_cases_hash`` is the SHA-256 of the ids of all; else it is empty.
    """

    plans: tuple[SeriesPlan, ...]
    rejections: tuple[Rejection, ...]
    n_files: int
    skipped: Mapping[str, int] = field(default_factory=dict)
    all_cases_hash: str = ""


@dataclass
class _Findings:
    """What the walk has met so far."""

    headers: defaultdict[str, list[SliceHeader]] = field(default_factory=lambda: defaultdict(list))
    volumes: list[Outcome] = field(default_factory=list)
    faults: defaultdict[tuple[str, str, str], list[Status]] = field(default_factory=lambda: defaultdict(list))
    fingerprints: dict[tuple[str, str, str], str] = field(default_factory=dict)
    skipped: Counter[str] = field(default_factory=Counter)
    companions: set[Path] = field(default_factory=set)


def plan_scans(
    root: Path, options: IngestOptions | None = None, *, exclude: Path | None = None, progress: bool = False
) -> ScanList:
    """Find and judge every scan under ``root``, a file or a tree of any depth, from headers alone.

    Parameters
    ----------
    root
        Folder of DICOM series, zip archives of them, and volume files (.nii, .nii.gz, .mha, .mhd, .nrrd, .nhdr), or
        one such file.
    options
        How scans are judged, chosen and named; the defaults where None.
    exclude
        A folder below ``root`` that is passed over.
    progress
        Show a bar on stderr where that is a terminal.

    Raises
    ------
    InputPathError
        ``root`` does not exist or may not be read.
    """
    options = options or IngestOptions()
    walk = walk_files(root, exclude)
    found = _look_at_files(walk, options, progress)
    named = _name([*found.volumes, *_faults(found), *_series(found, options)], options.id_key)
    plans, left = choose_series([outcome for outcome in named if isinstance(outcome, SeriesPlan)], options.rules)
    refused = [outcome for outcome in named if isinstance(outcome, Rejection)]
    rejections = tuple(sorted([*refused, *left], key=lambda outcome: outcome.origin.relative_path))
    skipped = dict(sorted((Counter(walk.skipped) + found.skipped).items()))
    return ScanList(plans, rejections, len(walk.files) + sum(walk.skipped.values()), skipped)


def _look_at_files(walk: Walk, options: IngestOptions, progress: bool) -> _Findings:
    found = _Findings()
    for path in walk.files:
        with suppress(Exception):  # the file itself is judged below, and blamed there
            found.companions.update(filter(None, [companion_of(path)]))
    for path in with_progress(walk.files, "files", shown=progress):
        relative = path.relative_to(walk.root).as_posix()
        if path in found.companions:
            continue
        try:
            _look_at_file(found, path, relative, options)
        except IngestError as error:
            _record_fault(found, path, relative, error)
        except OSError as error:
            _record_fault(found, path, relative, IngestError("E_UNREADABLE", f"({type(error).__name__})", "failed"))
        except Exception as error:  # noqa: BLE001 - one odd file never stops the rest
            _record_fault(found, path, relative, unforeseen_error(error))
    return found


def _look_at_file(found: _Findings, path: Path, relative: str, options: IngestOptions) -> None:
    if is_volume_file(path):
        found.volumes.append(plan_volume_file(path, relative, options.min_slices))
        return
    for header in read_slice_headers(path, relative):
        found.headers[header.series_uid or str(path.parent)].append(header)


def _record_fault(found: _Findings, path: Path, relative: str, error: IngestError) -> None:
    if error.status == "skipped":
        found.skipped[error.code] += 1
        return
    place = relative if is_volume_file(path) else Path(relative).parent.as_posix()
    fault = (place, error.code, error.reason)
    found.fingerprints.setdefault(fault, _fingerprint(path, relative))
    found.faults[fault].append(error.status)


def _fingerprint(path: Path, relative: str) -> str:
    try:
        with open_regular(path) as stream:
            return stream.read(_FINGERPRINT_BYTES).hex() or relative
    except (IngestError, OSError):
        return relative


def _faults(found: _Findings) -> list[Outcome]:
    """One record per folder and reason for DICOM files that the gate refused, one per volume file."""
    return [
        Rejection(found.fingerprints[fault], statuses[0], fault[1], fault[2], len(statuses), origin=Origin(fault[0]))
        for fault, statuses in found.faults.items()
    ]


def _series(found: _Findings, options: IngestOptions) -> list[Outcome]:
    faulty = {folder for folder, _, _ in found.faults}
    outcomes: list[Outcome] = []
    for headers in found.headers.values():
        folders = {Path(header.relative_path).parent.as_posix() for header in headers}
        extra = ("W_UNREADABLE_NEIGHBOUR",) if folders & faulty else ()
        outcomes += plan_series(headers, options, extra)
    return outcomes


def _name(outcomes: list[Outcome], key: bytes) -> list[Outcome]:
    """Sort by relative path and turn the plain identities into hashes, counted where two collide."""
    ordered = sorted(outcomes, key=lambda outcome: (outcome.origin.relative_path, outcome.case_id))
    identities = (outcome.case_id.encode("utf-8", "surrogateescape") for outcome in ordered)
    names = count_collisions(hash_identity(identity, key) for identity in identities)
    return [dataclasses.replace(outcome, case_id=name) for outcome, name in zip(ordered, names, strict=True)]
