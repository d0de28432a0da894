"""A folder to the list of image cases in it."""

from __future__ import annotations

import dataclasses
import hashlib
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from ..ingest.case_ids import count_collisions, hash_identity
from ..ingest.header.read_slice_headers import read_slice_headers
from ..ingest.header.slice_header import SliceHeader
from ..ingest.ingest_error import IngestError
from ..ingest.ingest_options import IngestOptions
from ..ingest.plan_scans import ScanList, plan_scans
from ..ingest.sandbox.picture_kind import SUFFIXES, picture_kind
from ..ingest.tree.open_unchanged import open_unchanged
from ..ingest.tree.walk_files import Walk, walk_files
from ..ingest.unforeseen_error import unforeseen_error
from ..records import Origin, Rejection, SeriesPlan
from .picture_plan import PicturePlan

_MASK = re.compile(r"(.+)_mask(_\d+)?", re.DOTALL)  # BUSI numbers the second mask of a picture: a_mask_1
_HEAD_BYTES = 32 * 2**10
_BLOCK_BYTES = 2**20
_SLICE_COSINE = 0.94  # 20 degrees, as a plane is called axial


@dataclass(frozen=True)
class ImageList:
    """What is in a folder; as :class:`.ScanList`, with image files among the plans."""

    plans: tuple[PicturePlan | SeriesPlan, ...]
    rejections: tuple[Rejection, ...]
    n_files: int
    skipped: Mapping[str, int] = field(default_factory=dict)
    all_cases_hash: str = ""


def plan_images(
    root: Path, options: IngestOptions | None = None, *, exclude: Path | None = None, series: bool = False
) -> ImageList:
    """Find every image case under ``root``, a file or a tree of any depth.

    An image file (PNG, JPEG, BMP, TIFF) is a case; a file ``<stem>_mask``, or ``<stem>_mask_1`` and so on, beside
    ``<stem>`` is passed over (``I_MASK``). Without ``series`` each DICOM image file is a case, too. With it CT series
    and volume files are cases as :func:`.plan_scans` judges them, and the slices of DICOM series that are wholly too
    short for one are cases each.

    Raises
    ------
    InputPathError
        ``root`` does not exist or may not be read.
    """
    options = options or IngestOptions()
    walk = walk_files(root, exclude)
    pictured = {(path.parent, path.stem) for path in walk.files if path.suffix.lower() in SUFFIXES}
    scans = plan_scans(root, options, exclude=exclude) if series else ScanList((), (), 0)
    singles, refused = _single_slices(walk, scans)
    found = _Found()
    for path in walk.files:
        if _is_mask(path, pictured):
            found.skipped["I_MASK"] += 1
        elif path in singles:
            _take_slice(found, path, walk.root, singles[path])
        else:
            _look_at(found, path, walk.root, with_dicom=not series)
    named = _named(found.plans, found.rejections, options.id_key)
    skipped = _skipped(walk, scans, found, series=series)
    every: list[PicturePlan | SeriesPlan] = [*named[0], *scans.plans]
    cases = sorted(every, key=lambda plan: (plan.origin.relative_path, plan.case_id))
    bad = sorted([*named[1], *refused], key=lambda case: (case.origin.relative_path, case.case_id))
    return ImageList(tuple(cases), tuple(bad), len(walk.files) + sum(walk.skipped.values()), skipped)


@dataclass
class _Found:
    """What the walk has met so far."""

    plans: list[PicturePlan] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)
    n_rasters: int = 0


def _is_mask(path: Path, pictured: Collection[tuple[Path, str]]) -> bool:
    """Whether it is named as the mask of one of ``pictured``, folders and stems."""
    named = _MASK.fullmatch(path.stem) if path.suffix.lower() in SUFFIXES else None
    return named is not None and (path.parent, named[1]) in pictured


def _look_at(found: _Found, path: Path, root: Path, *, with_dicom: bool) -> None:
    """Note an image file, a reason for none, or, of what :func:`.plan_scans` judges, nothing."""
    relative, head = path.relative_to(root).as_posix(), b""
    try:
        with open_unchanged(path) as stream:
            head = stream.read(_HEAD_BYTES)
            kind = picture_kind(head, path.name)
            if kind == "dicom" and not with_dicom:
                return
            found.n_rasters += kind != "dicom"
            digest = _digest(head, iter(lambda: stream.read(_BLOCK_BYTES), b""))
        found.plans.append(PicturePlan(digest, path, digest, origin=Origin(relative)))
    except IngestError as error:
        _note(found, path, relative, error, head, with_dicom=with_dicom)
    except Exception as error:  # noqa: BLE001 - one odd file never stops the rest
        _note(found, path, relative, unforeseen_error(error), head, with_dicom=with_dicom)


def _note(found: _Found, path: Path, relative: str, error: IngestError, head: bytes, *, with_dicom: bool) -> None:
    named = path.suffix.lower() in SUFFIXES and head[128:132] != b"DICM" and error.code != "E_UNREADABLE"
    if not with_dicom and not named:
        return  # plan_scans says what it is
    found.n_rasters += named
    if error.status == "skipped":
        found.skipped[error.code] += 1
    else:
        _refuse(found, head.hex() or relative, relative, error)


def _refuse(found: _Found, identity: str, relative: str, error: IngestError) -> None:
    origin = Origin(relative)
    found.rejections.append(Rejection(identity, error.status, error.code, error.reason, 1, origin=origin))


def _digest(head: bytes, rest: Iterable[bytes]) -> str:
    digest = hashlib.sha256(head)
    for block in rest:
        digest.update(block)
    return digest.hexdigest()


def _single_slices(walk: Walk, scans: ScanList) -> tuple[dict[Path, str], tuple[Rejection, ...]]:
    """Split off the DICOM series that are wholly too short: their files, each with a fault or "", and other refusals.

    A few slices left over of a series that is read, and a short file of many frames, stay refused.
    """
    read = {plan.origin.series_uid for plan in scans.plans}
    short = {one.origin.series_uid for one in scans.rejections if one.code == "E_TOO_FEW_SLICES"} - read - {""}
    headers: dict[Path, SliceHeader] = {}
    for path in walk.files if short else ():
        with suppress(Exception):  # judged, and blamed, before
            frames = read_slice_headers(path, "")
            short -= {frames[0].series_uid} if len(frames) > 1 else set()
            headers[path] = frames[0]
    slices = {path: _fault_of(header) for path, header in headers.items() if header.series_uid in short}
    return slices, tuple(one for one in scans.rejections if one.origin.series_uid not in short)


def _fault_of(header: SliceHeader) -> str:
    """Code of what is wrong with a slice: its rows must run to the patient's left, its columns to the back."""
    if "LOCALIZER" in header.image_type:
        return "I_LOCALIZER"
    turn = header.orientation
    is_axial = turn is not None and len(turn) == 6 and min(turn[0], turn[4]) >= _SLICE_COSINE
    return "" if is_axial else "E_NOT_AXIAL"


def _take_slice(found: _Found, path: Path, root: Path, fault: str) -> None:
    """Note a single slice, or why it is none."""
    relative, identity = path.relative_to(root).as_posix(), ""
    if fault == "I_LOCALIZER":
        found.skipped[fault] += 1
        return
    try:
        with open_unchanged(path) as stream:
            identity = _digest(b"", iter(lambda: stream.read(_BLOCK_BYTES), b""))
        if fault:
            raise IngestError(fault)
    except IngestError as error:
        _refuse(found, identity or relative, relative, error)
    except Exception as error:  # noqa: BLE001 - one odd file never stops the rest
        _refuse(found, relative, relative, unforeseen_error(error))
    else:
        choice = "a single slice: its series is too short for one"
        found.plans.append(PicturePlan(identity, path, identity, choice=choice, origin=Origin(relative)))


def _named(
    plans: list[PicturePlan], rejections: list[Rejection], key: bytes
) -> tuple[list[PicturePlan], list[Rejection]]:
    """Turn the plain identities into hashes, counted where two collide (the same file twice)."""
    ordered: list[PicturePlan | Rejection] = sorted([*plans, *rejections], key=lambda case: case.origin.relative_path)
    identities = (case.case_id.encode("utf-8", "surrogateescape") for case in ordered)
    names = count_collisions(hash_identity(identity, key) for identity in identities)
    named = [dataclasses.replace(case, case_id=name) for case, name in zip(ordered, names, strict=True)]
    return (
        [case for case in named if isinstance(case, PicturePlan)],
        [case for case in named if isinstance(case, Rejection)],
    )


def _skipped(walk: Walk, scans: ScanList, found: _Found, *, series: bool) -> Mapping[str, int]:
    counts = Counter(found.skipped)
    if series:  # to it, image files and masks are no DICOM
        counts += Counter(scans.skipped)
        counts["I_NON_DICOM"] -= found.n_rasters + found.skipped["I_MASK"]
    else:
        counts += Counter(walk.skipped)
    return {code: count for code, count in sorted(counts.items()) if count > 0}
