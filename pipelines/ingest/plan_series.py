"""All headers of one SeriesInstanceUID to what can be read of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath

import numpy as np

from ..name_fault import name_fault
from ..records import Origin, Rejection, SeriesPlan, Status
from .drop_duplicates import drop_duplicates
from .ingest_error import IngestError
from .judge_series import judge_series
from .judge_stack import judge_stack, stack_of
from .mean_orientation import mean_orientation
from .slice_header import PlannedSlice, SliceHeader
from .split_series import Headers, Piece, split_by_phase, split_by_shape
from .verdict import Verdict

Judged = tuple[Piece, tuple[Verdict, ...]]
Outcome = SeriesPlan | Rejection

HIGHEST_FIRST_INSTANCE = 1  # numbering starts at 0 or 1
ACROSS_COSINE = 0.999  # 2.6 degrees: a slice so far from parallel belongs to no phase of the volume


def plan_series(headers: Sequence[SliceHeader], min_slices: int, extra_codes: tuple[str, ...] = ()) -> list[Outcome]:
    """Judge one series: at least one plan or rejection comes back, in a fixed order.

    The ``case_id`` of each is the plain identity (series UID, and a label where the series gives several); the caller
    hashes it.
    """
    headers = sorted(headers, key=lambda h: (h.relative_path, h.pixels.frame))
    try:
        return _plan_series(headers, min_slices, extra_codes)
    except Exception as error:  # noqa: BLE001 - one odd series never stops the rest
        return [_reject(Piece("", tuple(headers)), Verdict("F_READ", f"{name_fault(error)}."), "failed", extra_codes)]


def _plan_series(headers: Sequence[SliceHeader], min_slices: int, extra_codes: tuple[str, ...]) -> list[Outcome]:
    images = [h for h in headers if "LOCALIZER" not in h.image_type]
    if not images:
        return [_reject(Piece("", tuple(headers)), Verdict("I_LOCALIZER"), "skipped")]
    images, warnings, refusal = _judge_whole(images)
    if refusal:
        return [_reject(Piece("", tuple(headers)), refusal, codes=_codes(warnings))]
    pieces = [phase for piece in split_by_shape(images) for phase in _phases(piece, min_slices)]
    judged = [(piece, judge_stack(piece.headers, min_slices)) for piece in pieces]
    dropped = len(images) < len(set(headers)) and any("LOCALIZER" in h.image_type for h in headers)
    return _outcomes(headers, judged, [*warnings, *_partial(headers)], dropped, extra_codes)


def _judge_whole(images: list[SliceHeader]) -> tuple[list[SliceHeader], list[Verdict], Verdict | None]:
    """Drop copies and ask the questions to the series: what is left, warnings, refusal."""
    verdicts = list(judge_series(images))
    if not (verdicts and verdicts[-1].refuses):
        try:
            kept, duplicates = drop_duplicates(images)
        except (IngestError, OSError):
            kept, duplicates = (), Verdict("E_UNREADABLE")
        images = list(kept)
        verdicts += [duplicates] if duplicates else []
    refusal = verdicts[-1] if verdicts and verdicts[-1].refuses else None
    return images, [v for v in verdicts if not v.refuses], refusal


def _is_refused(verdicts: tuple[Verdict, ...]) -> bool:
    return bool(verdicts) and verdicts[-1].refuses


def _phases(piece: Piece, min_slices: int) -> tuple[Piece, ...]:
    if not _is_refused(judge_stack(piece.headers, min_slices)) or len(piece.headers) < 2 * min_slices:
        return (piece,)
    return split_by_phase(piece, lambda part: not _is_refused(judge_stack(part, min_slices)))


def _partial(headers: Sequence[SliceHeader]) -> list[Verdict]:
    numbers = [h.instance for h in headers if h.instance is not None]
    return [Verdict("W_PARTIAL_COVERAGE")] if numbers and min(numbers) > HIGHEST_FIRST_INSTANCE else []


def _outcomes(
    headers: Sequence[SliceHeader], judged: list[Judged], shared: list[Verdict], dropped: bool, extra: tuple[str, ...]
) -> list[Outcome]:
    good = [(piece, verdicts) for piece, verdicts in judged if not _is_refused(verdicts)]
    bad = [(piece, verdicts) for piece, verdicts in judged if _is_refused(verdicts)]
    if not good:
        return [_reject_all(headers, bad, shared)]
    strays = [judgement for judgement in bad if not _is_stray(judgement, good)]
    if dropped or len(strays) < len(bad):
        shared = [*shared, Verdict("W_LOCALIZER_DROPPED")]
    if len(good) > 1:
        shared = [*shared, Verdict("W_PHASES_SPLIT")]
    several = len(good) + len(strays) > 1
    n_files = 0 if several else len({h.path for h in headers})
    codes = (*_codes(shared), *extra)
    plans: list[Outcome] = [_plan(piece, (*codes, *_codes(verdicts)), several, n_files) for piece, verdicts in good]
    return plans + [_reject(piece, verdicts[-1], codes=codes, labelled=True) for piece, verdicts in strays]


def _is_stray(judgement: Judged, good: list[Judged]) -> bool:
    """Whether a refused piece is a localizer by its looks: a few slices across the volume."""
    normals = [mean_orientation([piece.headers[0].orientation or ()])[:, 2] for piece, _ in [judgement, *good]]
    across = all(abs(normals[0] @ normal) < ACROSS_COSINE for normal in normals[1:])
    return across and judgement[1][-1].code == "E_TOO_FEW_SLICES"


def _reject_all(headers: Sequence[SliceHeader], bad: list[Judged], shared: list[Verdict]) -> Rejection:
    """No stack is good: blame the mixture if there is one, else the largest piece."""
    whole = Piece("", tuple(headers))
    codes = _codes(shared)
    sizes = {(h.pixels.rows, h.pixels.columns) for piece, _ in bad for h in piece.headers}
    large = [verdicts for _, verdicts in bad if verdicts[-1].code != "E_TOO_FEW_SLICES"]
    if len(bad) > 1 and len(sizes) > 1 and not all(_is_stray(b, bad[:1]) for b in bad[1:]):
        return _reject(whole, Verdict("E_MIXED_SIZE", f"({len(sizes)} sizes)"), codes=codes)
    if len(bad) > 1 and not large:
        return _reject(whole, Verdict("E_MIXED_ORIENTATION", f"({len(bad)} orientations)"), codes=codes)
    return _reject(whole, (large or [bad[0][1]])[0][-1], codes=codes)


def _plan(piece: Piece, codes: tuple[str, ...], labelled: bool, n_files: int) -> SeriesPlan:
    headers, stack = piece.headers, stack_of(piece.headers)
    axes = mean_orientation([h.orientation or () for h in headers])
    row_mm, column_mm = np.mean([h.pixel_spacing or () for h in headers], axis=0)
    affine = np.eye(4)
    affine[:3] = np.column_stack([axes[:, 0] * column_mm, axes[:, 1] * row_mm, stack.step_lps, stack.origin_lps])
    first = headers[0]
    spacing = np.linalg.norm(affine[:3, :3], axis=0)
    slices = tuple(_slice(headers[n]) for n in stack.order)
    n_used = len({h.path for h in headers})
    return SeriesPlan(
        case_id=_identity(piece, labelled),
        kind="dicom",
        path=first.path.parent,
        shape_ijk=(first.pixels.columns or 0, first.pixels.rows or 0, len(headers)),
        spacing_mm=(float(spacing[0]), float(spacing[1]), float(spacing[2])),
        affine_lps=affine,
        n_files=max(n_files, n_used),
        n_used=n_used,
        codes=tuple(dict.fromkeys(codes)),
        slices=slices,
        transfer_syntax=_syntaxes(headers),
        origin=_origin(headers),
    )


def _slice(header: SliceHeader) -> PlannedSlice:
    x, y, z = header.position or ()
    pixels = header.pixels
    return PlannedSlice(header.path, (x, y, z), header.sop_uid, pixels.frame, pixels)


def _syntaxes(headers: Headers) -> str:
    return " ".join(sorted({h.pixels.transfer_syntax for h in headers}))


def _identity(piece: Piece, labelled: bool) -> str:
    return piece.headers[0].series_uid + (f"|{piece.label}" if labelled else "")


def _origin(headers: Headers) -> Origin:
    folder = PurePosixPath(headers[0].relative_path).parent
    return Origin(
        headers[0].relative_path if len({h.path for h in headers}) == 1 else str(folder), headers[0].series_uid
    )


def _codes(verdicts: Sequence[Verdict]) -> tuple[str, ...]:
    return tuple(verdict.code for verdict in verdicts if not verdict.refuses)


def _reject(
    piece: Piece, verdict: Verdict, status: Status = "rejected", codes: tuple[str, ...] = (), labelled: bool = False
) -> Rejection:
    error = IngestError(verdict.code, verdict.detail, status)
    identity = _identity(piece, labelled) or piece.headers[0].sop_uid or piece.headers[0].relative_path
    files = len({h.path for h in piece.headers})
    return Rejection(identity, status, verdict.code, error.reason, files, codes, _origin(piece.headers))
