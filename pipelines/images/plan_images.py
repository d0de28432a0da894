"""A folder to the list of image cases in it."""

from __future__ import annotations

import dataclasses
import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..ingest.case_ids import count_collisions, hash_identity
from ..ingest.header.read_slice_headers import read_slice_headers
from ..ingest.ingest_error import IngestError
from ..ingest.ingest_options import IngestOptions
from ..ingest.plan_scans import ScanList, plan_scans
from ..ingest.sandbox.picture_kind import SUFFIXES, picture_kind
from ..ingest.tree.open_unchanged import open_unchanged
from ..ingest.tree.walk_files import Walk, walk_files
from ..ingest.unforeseen_error import unforeseen_error
from ..records import Origin, Rejection, SeriesPlan
from .picture_plan import PicturePlan

MASK_TAIL = "_mask"
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


def plan_images(
    root: Path, options: IngestOptions | None = None, *, exclude: Path | None = None, series: bool = False
) -> ImageList:
    """Find every image case under ``root``, a file or a tree of any depth.

    An image file (PNG, JPEG, BMP, TIFF) is a case; a file ``<stem>_mask`` beside ``<stem>`` is passed over
    (``I_MASK``). Without ``series`` each DICOM image file is a case, too. With it CT series and volume files are cases
    as :func:`.plan_scans` judges them, and the slices of DICOM series that are too short for one are cases each.

    Raises
    ------
    InputPathError
        ``root`` does not exist or may not be read.
    """
    options = options or IngestOptions()
    walk = walk_files(root, exclude)
    files = set(walk.files)
    scans = plan_scans(root, options, exclude=exclude) if series else ScanList((), (), 0)
    singles, refused = _single_slices(walk, scans.rejections) if series else ({}, scans.rejections)
    found = _Found()
    for path in walk.files:
        if _is_mask(path, files):
            found.skipped["I_MASK"] += 1
        elif path in singles:
            found.slices.append(path)
        else:
            _look_at(found, path, walk.root, with_dicom=not series)
    plans = [*found.plans, *_slice_plans(found, walk.root, singles)]
    named = _named(plans, [*found.rejections], options.id_key)
    skipped = _skipped(walk, scans, found, series=series)
    every: list[PicturePlan | SeriesPlan] = [*named[0], *scans.plans]
    cases = sorted(every, key=lambda plan: (plan.origin.relative_path, plan.case_id))
    bad = sorted([*named[1], *refused], key=lambda case: (case.origin.relative_path, case.case_id))
    return ImageList(tuple(cases), tuple(bad), len(walk.files) + sum(walk.skipped.values()), skipped)


@dataclass
class _Found:
    """What the walk has met so far."""

    plans: list[PicturePlan] = field(default_factory=list)
    slices: list[Path] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)
    n_rasters: int = 0


def _is_mask(path: Path, files: Collection[Path]) -> bool:
    if not path.stem.endswith(MASK_TAIL) or path.suffix.lower() not in SUFFIXES:
        return False
    stem = path.stem.removesuffix(MASK_TAIL)
    return any(path.with_name(stem + suffix) in files for suffix in (path.suffix, *SUFFIXES))


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
        _note(found, path, relative, error, identity=head.hex() or relative, with_dicom=with_dicom)
    except Exception as error:  # noqa: BLE001 - one odd file never stops the rest
        fault = unforeseen_error(error)
        _note(found, path, relative, fault, identity=head.hex() or relative, with_dicom=with_dicom)


def _note(found: _Found, path: Path, relative: str, error: IngestError, *, identity: str, with_dicom: bool) -> None:
    named = path.suffix.lower() in SUFFIXES
    if not with_dicom and not named:
        return  # plan_scans says what it is
    found.n_rasters += named
    if error.status == "skipped":
        found.skipped[error.code] += 1
    else:
        origin = Origin(relative)
        found.rejections.append(Rejection(identity, error.status, error.code, error.reason, 1, origin=origin))


def _digest(head: bytes, rest: Iterable[bytes]) -> str:
    digest = hashlib.sha256(head)
    for block in rest:
        digest.update(block)
    return digest.hexdigest()


def _single_slices(walk: Walk, rejections: Iterable[Rejection]) -> tuple[dict[Path, str], tuple[Rejection, ...]]:
    """Split off the DICOM series that are too short: their files, each with a fault or "", and the other refusals."""
    short = [one for one in rejections if one.code == "E_TOO_FEW_SLICES" and one.origin.series_uid]
    series = {one.origin.series_uid for one in short}
    slices: dict[Path, str] = {}
    for path in walk.files if short else ():
        try:
            headers = read_slice_headers(path, "")
        except (IngestError, OSError, ValueError):
            continue  # judged before
        if headers[0].series_uid in series and len(headers) == 1:
            slices[path] = "" if _is_axial(headers[0].orientation) else "E_NOT_AXIAL"
    return slices, tuple(one for one in rejections if one not in short)


def _is_axial(orientation: tuple[float, ...] | None) -> bool:
    """Rows to the patient's left and columns to the back, as the pictures that the network knows."""
    return orientation is not None and len(orientation) == 6 and min(orientation[0], orientation[4]) >= _SLICE_COSINE


def _slice_plans(found: _Found, root: Path, faults: Mapping[Path, str]) -> list[PicturePlan]:
    plans = []
    for path in found.slices:
        relative = path.relative_to(root).as_posix()
        try:
            if faults[path]:
                raise IngestError(faults[path])
            with open_unchanged(path) as stream:
                digest = _digest(b"", iter(lambda: stream.read(_BLOCK_BYTES), b""))
        except IngestError as error:
            origin = Origin(relative)
            found.rejections.append(Rejection(relative, error.status, error.code, error.reason, 1, origin=origin))
            continue
        choice = "a single slice: its series is too short for one"
        plans.append(PicturePlan(digest, path, digest, choice=choice, origin=Origin(relative)))
    return plans


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
