"""A stack that was found good, as a plan to read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath

import numpy as np

from ...records import Origin, SeriesFacts, SeriesPlan
from ..header.slice_header import PlannedSlice, SliceHeader
from .fit_stack import FloatArray
from .judge_stack import grid_of, stack_of
from .mean_orientation import mean_orientation
from .split_series import Headers, Piece
from .verdict import Verdict


def make_plan(piece: Piece, verdicts: Sequence[Verdict], *, labelled: bool, n_files: int) -> SeriesPlan:
    """Make the plan of a piece with its warnings; ``labelled`` where the series gives several volumes.

    The ``case_id`` is the plain identity; ``n_files`` counts the files of the series, those of the piece at least.
    """
    headers = piece.headers
    first = headers[0]
    affine, count = _place(headers, filled=any(verdict.code == "W_RESAMPLED" for verdict in verdicts))
    spacing = np.linalg.norm(affine[:3, :3], axis=0)
    n_used = len({h.path for h in headers})
    return SeriesPlan(
        case_id=identity_of(piece, labelled),
        kind="dicom",
        path=first.path.parent,
        shape_ijk=(first.pixels.columns or 0, first.pixels.rows or 0, count),
        spacing_mm=(float(spacing[0]), float(spacing[1]), float(spacing[2])),
        affine_lps=affine,
        n_files=max(n_files, n_used),
        n_used=n_used,
        codes=tuple(dict.fromkeys(verdict.code for verdict in verdicts)),
        slices=tuple(_slice(headers[n]) for n in stack_of(headers).order),
        transfer_syntax=" ".join(sorted({h.pixels.transfer_syntax for h in headers})),
        notes=tuple(f"{verdict.code} {verdict.detail}" for verdict in verdicts if verdict.detail),
        facts=_facts(headers),
        origin=origin_of(headers),
    )


def identity_of(piece: Piece, labelled: bool) -> str:
    """Series UID, with the label of the piece where there are several."""
    return piece.headers[0].series_uid + (f"|{piece.label}" if labelled else "")


def origin_of(headers: Headers) -> Origin:
    """Where the files lie: the file itself, or the folder of the first of several."""
    first = headers[0]
    alone = len({h.path for h in headers}) == 1
    return Origin(first.relative_path if alone else str(PurePosixPath(first.relative_path).parent), first.series_uid)


def _place(headers: Headers, *, filled: bool) -> tuple[FloatArray, int]:
    """Give the affine and the number of slices, on the regular grid where gaps are filled."""
    axes = mean_orientation([h.orientation or () for h in headers])
    row_mm, column_mm = np.mean([h.pixel_spacing or () for h in headers], axis=0)
    grid = grid_of(headers) if filled else None
    stack = stack_of(headers)
    step, origin = (grid.step_lps, grid.origin_lps) if grid else (stack.step_lps, stack.origin_lps)
    affine = np.eye(4)
    affine[:3] = np.column_stack([axes[:, 0] * column_mm, axes[:, 1] * row_mm, step, origin])
    return affine, grid.count if grid else len(headers)


def _slice(header: SliceHeader) -> PlannedSlice:
    x, y, z = header.position or ()
    return PlannedSlice(header.path, (x, y, z), header.sop_uid, header.pixels.frame, header.pixels)


def _facts(headers: Headers) -> SeriesFacts:
    first = headers[0]
    thicknesses, spacings = {h.thickness_mm for h in headers}, {h.said_spacing_mm for h in headers}
    return SeriesFacts(
        modality=first.modality,
        image_type=first.image_type,
        kernel=first.kernel,
        body_part=first.body_part,
        description=first.description,
        patient=first.patient,
        study=first.study_uid,
        thickness_mm=first.thickness_mm if len(thicknesses) == 1 else None,
        said_spacing_mm=first.said_spacing_mm if len(spacings) == 1 else None,
    )
