"""All headers of one SeriesInstanceUID to what can be read of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from ...name_fault import name_fault
from ...records import Rejection, SeriesPlan, Status
from ..header.slice_header import SliceHeader
from ..ingest_error import IngestError
from ..ingest_options import IngestOptions
from .drop_duplicates import drop_duplicates
from .judge_series import judge_series
from .judge_stack import judge_stack
from .make_plan import identity_of, make_plan, origin_of
from .mean_orientation import mean_orientation
from .split_series import Piece, split_by_phase, split_by_shape
from .verdict import Verdict

Judged = tuple[Piece, tuple[Verdict, ...]]
Outcome = SeriesPlan | Rejection

HIGHEST_FIRST_INSTANCE = 1  # numbering starts at 0 or 1
ACROSS_COSINE = 0.999  # 2.6 degrees: a slice so far from parallel belongs to no phase of the volume


def plan_series(
    headers: Sequence[SliceHeader], options: IngestOptions, extra_codes: tuple[str, ...] = ()
) -> list[Outcome]:
    """Judge one series: at least one plan or rejection comes back, in a fixed order.

    The ``case_id`` of each is the plain identity (series UID, and a label where the series gives several); the caller
    hashes it.
    """
    headers = sorted(headers, key=lambda h: (h.relative_path, h.pixels.frame))
    try:
        return _plan_series(headers, options, extra_codes)
    except Exception as error:  # noqa: BLE001 - one odd series never stops the rest
        return [_reject(Piece("", tuple(headers)), Verdict("F_READ", f"{name_fault(error)}."), "failed", extra_codes)]


def _plan_series(headers: Sequence[SliceHeader], options: IngestOptions, extra_codes: tuple[str, ...]) -> list[Outcome]:
    images = [h for h in headers if "LOCALIZER" not in h.image_type]
    if not images:
        return [_reject(Piece("", tuple(headers)), Verdict("I_LOCALIZER"), "skipped")]
    images, assumed = _with_rescale(images, options)
    images, warnings, refusal = _judge_whole(images)
    warnings = [*assumed, *warnings]
    if refusal:
        return [_reject(Piece("", tuple(headers)), refusal, codes=_codes(warnings))]
    pieces = [phase for piece in split_by_shape(images) for phase in _phases(piece, options)]
    judged = [(piece, _judge(piece.headers, options)) for piece in pieces]
    dropped = len(images) < len(set(headers)) and any("LOCALIZER" in h.image_type for h in headers)
    return _outcomes(headers, judged, [*warnings, *_partial(headers)], dropped, extra_codes)


def _with_rescale(images: list[SliceHeader], options: IngestOptions) -> tuple[list[SliceHeader], list[Verdict]]:
    """Assume HU where that is asked for and no slice says anything of rescale."""
    if not options.assume_hu or any((h.pixels.slope, h.pixels.intercept) != (None, None) for h in images):
        return images, []
    rescaled = [dataclasses.replace(h, pixels=dataclasses.replace(h.pixels, slope=1.0, intercept=0.0)) for h in images]
    return rescaled, [Verdict("W_ASSUMED_HU")]


def _judge(headers: Sequence[SliceHeader], options: IngestOptions) -> tuple[Verdict, ...]:
    return judge_stack(headers, options.min_slices, gaps_filled=options.fill_gaps)


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


def _phases(piece: Piece, options: IngestOptions) -> tuple[Piece, ...]:
    whole = not _is_refused(judge_stack(piece.headers, options.min_slices))
    if whole or len(piece.headers) < 2 * options.min_slices:
        return (piece,)
    return split_by_phase(piece, lambda part: not _is_refused(_judge(part, options)))


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
    extras = [*shared, *map(Verdict, extra)]
    plans: list[Outcome] = [
        make_plan(piece, (*extras, *verdicts), labelled=several, n_files=n_files) for piece, verdicts in good
    ]
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


def _codes(verdicts: Sequence[Verdict]) -> tuple[str, ...]:
    return tuple(verdict.code for verdict in verdicts if not verdict.refuses)


def _reject(
    piece: Piece, verdict: Verdict, status: Status = "rejected", codes: tuple[str, ...] = (), labelled: bool = False
) -> Rejection:
    error = IngestError(verdict.code, verdict.detail, status)
    identity = identity_of(piece, labelled) or piece.headers[0].sop_uid or piece.headers[0].relative_path
    files = len({h.path for h in piece.headers})
    return Rejection(identity, status, verdict.code, error.reason, files, codes, origin_of(piece.headers))
