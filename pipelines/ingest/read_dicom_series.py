"""The slices of a DICOM series to one HU array."""

from __future__ import annotations

from importlib.metadata import version

import numpy as np

from ..records import SeriesPlan
from .ingest_error import IngestError
from .slice_header import PixelLayout, PlannedSlice
from .stored_slices import Stored, stored_slices
from .transfer_syntaxes import TRANSFER_SYNTAXES
from .volume_values import HIGHEST_HU, LOWEST_HU, HuArray, Voxels, check_values

_PACKAGES = {"gdcm": "python-gdcm", "pylibjpeg": "pylibjpeg-openjpeg", "": "resmtnet"}


def read_dicom_series(plan: SeriesPlan) -> Voxels:
    """Decode slice by slice into one array; int16 where every rescale is whole numbers, else float32.

    Raises
    ------
    IngestError
        Naming the slice by its ordinal along the normal.
    """
    layouts = [_layout(plan, k) for k in range(len(plan.slices))]
    whole = all(_is_whole(layout) for layout in layouts)
    i, j, k = plan.shape_ijk
    hu: HuArray = np.empty((k, j, i), np.int16) if whole else np.empty((k, j, i), np.float32)
    codes: list[str] = []
    done = 0
    try:
        for stored in stored_slices((source.path, layout) for source, layout in zip(plan.slices, layouts, strict=True)):
            codes += _rescale(stored, layouts[done], hu[done])
            done += 1
    except IngestError as error:
        raise _at_slice(error, done, len(layouts)) from None
    codes += check_values(hu, must_hold_air=False)
    return Voxels(hu, tuple(dict.fromkeys(codes)), _decoders(layouts))


def _layout(plan: SeriesPlan, k: int) -> PixelLayout:
    source = plan.slices[k]
    if not isinstance(source, PlannedSlice) or source.pixels is None:
        raise TypeError("the plan was not made by plan_scans: its slices say nothing of their pixels")
    return source.pixels


def _is_whole(layout: PixelLayout) -> bool:
    return float(layout.slope or 0).is_integer() and float(layout.intercept or 0).is_integer()


def _rescale(stored: Stored, layout: PixelLayout, out: HuArray) -> list[str]:
    """Write slope * stored + intercept (DICOM PS3.3 C.11.1.1.2), clipped to the range of HU, into ``out``."""
    slope, intercept = layout.slope or 0.0, layout.intercept or 0.0
    ends = sorted(slope * float(end) + intercept for end in (stored.min(), stored.max()))
    too_low, too_high = ends[0] < LOWEST_HU, ends[1] > HIGHEST_HU
    if slope == 1 and out.dtype == np.int16 and not too_high and ends[0] >= np.iinfo(np.int16).min:
        # two's complement: the sum wraps to the right value although an operand may not fit
        np.add(stored.view(np.int16), np.int16(np.int64(intercept).astype(np.int16)), out=out)
        if too_low:
            np.maximum(out, LOWEST_HU, out=out)
    else:
        out[...] = np.clip(stored * np.float64(slope) + intercept, LOWEST_HU, HIGHEST_HU)
    return ["W_PADDING_CLIPPED"] * too_low + ["W_HIGH_CLIPPED"] * too_high


def _at_slice(error: IngestError, k: int, count: int) -> IngestError:
    located = IngestError(error.code, status=error.status)
    located.reason = f"{error.reason} (slice {k + 1} of {count})"
    return located


def _decoders(layouts: list[PixelLayout]) -> str:
    names = sorted({TRANSFER_SYNTAXES[layout.transfer_syntax].decoder for layout in layouts})
    packages = [_PACKAGES.get(name, name) for name in names]
    return ", ".join(f"{package} {version(package)}" for package in packages)
