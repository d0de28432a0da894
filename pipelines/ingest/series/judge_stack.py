"""Questions to one stack: slices of one size and orientation that should form one volume."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from ..header.slice_header import SliceHeader
from .fill_gaps import RegularGrid, regular_grid
from .find_interleaved import find_interleaved
from .fit_stack import FloatArray, Stack, fit_stack
from .mean_orientation import mean_orientation
from .verdict import Verdict

Headers = Sequence[SliceHeader]

SAME_POSITION_MM = 0.01  # a hundredth of the thinnest slices; below it two slices are one place
GRID_TOLERANCE_MM, GRID_TOLERANCE = 0.02, 0.01  # of the spacing: jitter of honest headers (0.001 to 0.01 mm seen)
UNEVEN_TOLERANCE = 0.1  # of the spacing: displaces a voxel by less than the slice profile blurs it
ORIENTATION_TOLERANCE = 1e-4  # rounding of direction cosines; 0.05 mm over a slice of 500 mm
PIXEL_SPACING_TOLERANCE_MM = 1e-4  # 0.05 mm over 512 pixels
_MAX_LISTED = 5
_GAPS = ("E_MISSING_SLICES", "E_IRREGULAR_SPACING")


def judge_stack(headers: Headers, min_slices: int, *, gaps_filled: bool = False) -> tuple[Verdict, ...]:
    """Ask every question in turn: the warnings, ended by the first refusal if there is one.

    With ``gaps_filled`` missing slices and uneven spacing are a warning, ``W_RESAMPLED``, where they can be filled.
    """
    if len(headers) < max(min_slices, 2):
        return (Verdict("E_TOO_FEW_SLICES", f"({len(headers)} found, at least {max(min_slices, 2)} needed)"),)
    stack = stack_of(headers)
    verdicts: list[Verdict] = []
    for question in STACK_QUESTIONS:
        verdict = question(headers, stack)
        if verdict is not None and gaps_filled and verdict.code in _GAPS and grid_of(headers):
            verdict = Verdict("W_RESAMPLED", verdict.detail)
        if verdict is not None:
            verdicts.append(verdict)
            if verdict.refuses:
                break
    return tuple(verdicts)


def stack_of(headers: Headers) -> Stack:
    """Order the slices along their common normal."""
    axes = mean_orientation([h.orientation or () for h in headers])
    return fit_stack([h.position or () for h in headers], axes[:, 2])


def grid_of(headers: Headers) -> RegularGrid | None:
    """Give the regular grid that the gaps of a stack can be filled on, None where they cannot."""
    return regular_grid(stack_of(headers), np.asarray([h.position for h in headers], np.float64), _normal(headers))


def _is_one_frame_of_reference(headers: Headers, stack: Stack) -> Verdict | None:
    frames = len({h.frame_uid for h in headers})
    return Verdict("E_MIXED_FOR", f"({frames} found)") if frames > 1 else None


def _is_one_pixel_spacing(headers: Headers, stack: Stack) -> Verdict | None:
    spacings = np.asarray([h.pixel_spacing for h in headers])
    if np.ptp(spacings, axis=0).max() <= PIXEL_SPACING_TOLERANCE_MM:
        return None
    (low_j, low_i), (high_j, high_i) = spacings.min(axis=0), spacings.max(axis=0)
    return Verdict(
        "E_MIXED_PIXELSPACING", f"(rows {low_j:.4g} to {high_j:.4g} mm, columns {low_i:.4g} to {high_i:.4g} mm)"
    )


def _is_one_orientation(headers: Headers, stack: Stack) -> Verdict | None:
    cosines = np.asarray([h.orientation for h in headers])
    spread = float(np.abs(cosines - cosines.mean(axis=0)).max())
    return Verdict("W_ORIENTATION_JITTER", f"({spread:.1e})") if spread > ORIENTATION_TOLERANCE else None


def _is_one_slice_per_position(headers: Headers, stack: Stack) -> Verdict | None:
    doubled = np.diff(stack.along_mm) < SAME_POSITION_MM
    if not doubled.any():
        return None
    places = np.unique(np.round(stack.along_mm[1:][doubled], 2))
    return Verdict("E_DUPLICATE_POSITION", f"({doubled.sum() + len(places)} slices at {_at(places)})")


def _is_complete(headers: Headers, stack: Stack) -> Verdict | None:
    """Refuse a gap of a whole number of steps: a missing slice."""
    gaps = np.diff(stack.along_mm)
    steps = gaps / gaps.min()
    whole = np.abs(steps - np.rint(steps)) <= UNEVEN_TOLERANCE
    missing = np.rint(steps) > 1
    if not missing.any() or not whole.all():
        return None
    count = int(np.rint(steps).sum() - len(steps))
    return Verdict(
        "E_MISSING_SLICES",
        f"({count} missing, step {gaps.min():.4g} mm, gaps behind {_at(stack.along_mm[:-1][missing])})",
    )


def _is_regular(headers: Headers, stack: Stack) -> Verdict | None:
    worst = float(stack.residual_mm.max())
    spacing = stack.spacing_mm
    if worst <= max(GRID_TOLERANCE_MM, GRID_TOLERANCE * spacing):
        return None
    gaps = np.diff(stack.along_mm)
    detail = f"(steps {gaps.min():.4g} to {gaps.max():.4g} mm, up to {worst:.3g} mm off the regular grid)"
    return Verdict("W_UNEVEN_SPACING" if worst <= UNEVEN_TOLERANCE * spacing else "E_IRREGULAR_SPACING", detail)


def _is_one_phase(headers: Headers, stack: Stack) -> Verdict | None:
    key = find_interleaved([headers[n] for n in stack.order], stack.along_mm.tolist())
    return Verdict("E_MIXED_PHASES", f"(told apart by {key})") if key else None


def _is_upright(headers: Headers, stack: Stack) -> Verdict | None:
    sideways = stack.step_lps - stack.step_lps @ _normal(headers) * _normal(headers)
    tilt_deg = float(np.degrees(np.arctan2(np.linalg.norm(sideways), stack.spacing_mm)))
    return Verdict("W_GANTRY_TILT", f"({tilt_deg:.2f} degrees)") if np.any(np.abs(sideways) > 1e-9) else None


def _is_numbered_in_order(headers: Headers, stack: Stack) -> Verdict | None:
    numbers = [headers[n].instance for n in stack.order]
    if None in numbers:
        return None
    steps = np.diff(np.asarray(numbers, dtype=np.int64))
    return None if (steps > 0).all() or (steps < 0).all() else Verdict("W_INSTANCE_ORDER")


STACK_QUESTIONS: tuple[Callable[[Headers, Stack], Verdict | None], ...] = (
    _is_one_frame_of_reference,
    _is_one_pixel_spacing,
    _is_one_orientation,
    _is_one_slice_per_position,
    _is_complete,
    _is_regular,
    _is_one_phase,
    _is_upright,
    _is_numbered_in_order,
)


def _normal(headers: Headers) -> FloatArray:
    return mean_orientation([h.orientation or () for h in headers])[:, 2]


def _at(places_mm: FloatArray) -> str:
    listed = ", ".join(f"{place:.2f}" for place in places_mm[:_MAX_LISTED])
    more = f" and {len(places_mm) - _MAX_LISTED} more" if len(places_mm) > _MAX_LISTED else ""
    return f"{listed}{more} mm along the normal"
