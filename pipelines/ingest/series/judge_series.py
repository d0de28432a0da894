"""Questions to a whole series, asked before it is split into stacks."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from ..header.slice_header import SliceHeader
from ..header.transfer_syntaxes import TRANSFER_SYNTAXES
from ..volume_file.judge_volume_header import MAX_SPACING_MM, MAX_VOXELS, MIN_SPACING_MM
from .verdict import Verdict

Headers = Sequence[SliceHeader]

ORTHONORMAL_TOLERANCE = 1e-3  # length and right angle of the direction cosines; 0.06 degrees, 0.3 mm over a slice
MAX_SIDE = 8192  # rows or columns; CT has 512 to 2048
MAX_PLACE_MM = 1e6  # a kilometre from the origin; tables move by metres


def judge_series(headers: Headers) -> tuple[Verdict, ...]:
    """Ask every question in turn: the warnings, ended by the first refusal if there is one."""
    verdicts: list[Verdict] = []
    for question in SERIES_QUESTIONS:
        verdict = question(headers)
        if verdict is not None:
            verdicts.append(verdict)
            if verdict.refuses:
                break
    return tuple(verdicts)


def _is_ct(headers: Headers) -> Verdict | None:
    others = sorted({h.modality for h in headers if h.modality != "CT"})
    if not others:
        return None
    known = [m if m.isalnum() and m.isupper() and len(m) == 2 else "no valid modality" for m in others]
    return Verdict("E_NOT_CT", f"(found {', '.join(known)}; expected CT)")


def _has_identity(headers: Headers) -> Verdict | None:
    bad = sum(not (h.series_uid and h.sop_uid and h.study_uid) for h in headers)
    return Verdict("E_NO_UID", _of(bad, headers)) if bad else None


def _is_one_patient(headers: Headers) -> Verdict | None:
    patients, studies = len({h.patient for h in headers}), len({h.study_uid for h in headers})
    if patients == studies == 1:
        return None
    return Verdict("E_MIXED_PATIENT", f"({patients} patients, {studies} studies)")


def _is_human(headers: Headers) -> Verdict | None:
    return Verdict("E_NOT_HUMAN") if any(h.quadruped for h in headers) else None


def _is_grey_16_bit(headers: Headers) -> Verdict | None:
    for h in headers:
        p = h.pixels
        grey = p.samples == 1 and p.photometric in ("MONOCHROME1", "MONOCHROME2")
        bits = (p.bits_allocated, p.bits_stored, p.high_bit)
        fits = p.bits_allocated == 16 and 1 <= (p.bits_stored or 0) <= 16
        fits = fits and (p.bits_stored or 0) - 1 <= (p.high_bit if p.high_bit is not None else -1) <= 15
        # a codestream says nothing of where in a word its bits belong, and writers do not agree
        if TRANSFER_SYNTAXES[p.transfer_syntax].encapsulated:
            fits = fits and p.high_bit == (p.bits_stored or 0) - 1
        if not (grey and fits and p.sign_known and (p.frames == 1 or h.multi_frame)):
            shown = ("grey" if grey else "not grey") + ("" if p.sign_known else ", sign unknown")
            return Verdict("E_PIXEL_FORMAT", f"({shown}, bits allocated, stored and high {bits}, {p.frames} frames)")
    return None


def _has_pixels(headers: Headers) -> Verdict | None:
    bad = sum(h.pixels.offset < 0 or h.pixels.length == 0 for h in headers)
    return Verdict("E_NO_PIXELS", _of(bad, headers)) if bad else None


def _pixels_fit(headers: Headers) -> Verdict | None:
    for h in headers:
        p = h.pixels
        rows, columns = p.rows or 0, p.columns or 0
        if not (0 < rows <= MAX_SIDE and 0 < columns <= MAX_SIDE):
            return Verdict("E_PIXEL_LENGTH", f"({rows} rows, {columns} columns; at most {MAX_SIDE})")
        expected = rows * columns * 2 * p.frames
        native = not TRANSFER_SYNTAXES[p.transfer_syntax].encapsulated
        if native and p.length != expected and p.length != expected + expected % 2:
            return Verdict("E_PIXEL_LENGTH", f"({p.length} bytes declared, {expected} expected)")
    return None


def _is_bounded(headers: Headers) -> Verdict | None:
    voxels = sum((h.pixels.rows or 0) * (h.pixels.columns or 0) for h in headers)
    return Verdict("E_TOO_LARGE", f"({voxels} voxels, at most {MAX_VOXELS})") if voxels > MAX_VOXELS else None


def _is_whole(headers: Headers) -> Verdict | None:
    bad = sum(h.pixels.offset + max(h.pixels.length, 0) > h.pixels.file_bytes for h in headers)
    return Verdict("E_TRUNCATED", _of(bad, headers)) if bad else None


def _has_rescale(headers: Headers) -> Verdict | None:
    bad = sum(h.pixels.slope is None or h.pixels.intercept is None for h in headers)
    return Verdict("E_NO_RESCALE", _of(bad, headers)) if bad else None


def _is_rescale_usable(headers: Headers) -> Verdict | None:
    bad = sum(not _finite((h.pixels.slope, h.pixels.intercept)) or h.pixels.slope == 0 for h in headers)
    return Verdict("E_BAD_RESCALE", _of(bad, headers)) if bad else None


def _has_geometry(headers: Headers) -> Verdict | None:
    if all(h.position is None for h in headers):
        return Verdict("E_NO_GEOMETRY", "(no slice has ImagePositionPatient)")
    bad = sum(h.position is None for h in headers)
    return Verdict("E_NO_POSITION", _of(bad, headers)) if bad else None


def _are_positions_usable(headers: Headers) -> Verdict | None:
    bad = sum(not _is_place(h.position or ()) for h in headers)
    return Verdict("E_BAD_POSITION", _of(bad, headers)) if bad else None


def _are_orientations_usable(headers: Headers) -> Verdict | None:
    bad = sum(not _is_orthonormal(h.orientation or ()) for h in headers)
    return Verdict("E_BAD_ORIENTATION", _of(bad, headers)) if bad else None


def _has_pixel_spacing(headers: Headers) -> Verdict | None:
    bad = sum(not _is_spacing(h.pixel_spacing or ()) for h in headers)
    return Verdict("E_NO_PIXELSPACING", _of(bad, headers)) if bad else None


def _is_lossless(headers: Headers) -> Verdict | None:
    return Verdict("W_LOSSY") if any(h.lossy for h in headers) else None


def _has_preamble(headers: Headers) -> Verdict | None:
    return Verdict("W_NO_PREAMBLE") if any(h.no_preamble for h in headers) else None


def _has_plain_preamble(headers: Headers) -> Verdict | None:
    bad = sum(h.odd_preamble for h in headers)
    return Verdict("W_PREAMBLE", _of(bad, headers)) if bad else None


def _has_no_text(headers: Headers) -> Verdict | None:
    return Verdict("W_BURNED_IN") if any(h.burned_in for h in headers) else None


def _is_original(headers: Headers) -> Verdict | None:
    return Verdict("W_DERIVED") if any(h.image_type[:1] == ("DERIVED",) for h in headers) else None


def _is_rescaled_to_hu(headers: Headers) -> Verdict | None:
    return Verdict("W_RESCALE_TYPE") if any(h.rescale_type not in ("", "HU") for h in headers) else None


SERIES_QUESTIONS: tuple[Callable[[Headers], Verdict | None], ...] = (
    _is_ct,
    _has_identity,
    _is_one_patient,
    _is_human,
    _is_grey_16_bit,
    _has_pixels,
    _pixels_fit,
    _is_bounded,
    _is_whole,
    _has_rescale,
    _is_rescale_usable,
    _has_geometry,
    _are_positions_usable,
    _are_orientations_usable,
    _has_pixel_spacing,
    _is_lossless,
    _has_preamble,
    _has_plain_preamble,
    _has_no_text,
    _is_original,
    _is_rescaled_to_hu,
)


def _of(bad: int, headers: Headers) -> str:
    return f"({bad} of {len(headers)} images)"


def _finite(values: Sequence[float | None]) -> bool:
    return all(value is not None and math.isfinite(value) for value in values)


def _is_place(values: Sequence[float]) -> bool:
    return len(values) == 3 and _finite(values) and max(map(abs, values)) <= MAX_PLACE_MM


def _is_spacing(values: Sequence[float]) -> bool:
    return len(values) == 2 and _finite(values) and min(values) >= MIN_SPACING_MM and max(values) <= MAX_SPACING_MM


def _is_orthonormal(values: Sequence[float]) -> bool:
    if len(values) != 6 or not _finite(values):
        return False
    row, column = np.asarray(values[:3]), np.asarray(values[3:])
    errors = (np.linalg.norm(row) - 1, np.linalg.norm(column) - 1, row @ column)
    return bool(np.max(np.abs(errors)) <= ORTHONORMAL_TOLERANCE)
