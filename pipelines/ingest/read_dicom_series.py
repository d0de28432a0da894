"""The slices of a DICOM series to one HU array."""

from __future__ import annotations

from importlib.metadata import version

import numpy as np

from ..records import SeriesPlan
from .header.slice_header import PixelLayout, PlannedSlice
from .header.transfer_syntaxes import TRANSFER_SYNTAXES
from .ingest_error import IngestError
from .pixels.rescale_slice import rescale_slice
from .pixels.stored_slices import stored_slices
from .pixels.volume_values import HuArray, Voxels, check_values
from .sandbox.decode_slices import CodedSlice, SliceError, decode_slices
from .sandbox.default_pool import default_pool
from .sandbox.shared_memory import SharedMemory
from .sandbox.worker_pool import WorkerPool

_PACKAGES = {"gdcm": "python-gdcm", "pylibjpeg": "pylibjpeg-openjpeg", "": "resmtnet"}
Clipped = tuple[bool, bool]  # below, above


def read_dicom_series(plan: SeriesPlan, pool: WorkerPool | None = None) -> Voxels:
    """Read all slices into one array; int16 where every rescale is whole numbers, else float32.

    Native slices are read here; all others are decoded by workers, into memory shared with them.

    Raises
    ------
    IngestError
        Naming the slice by its ordinal along the normal.
    """
    slices = [_coded_slice(plan, k) for k in range(len(plan.slices))]
    layouts = [one.pixels for one in slices]
    dtype = np.dtype(np.int16 if all(_is_whole(layout) for layout in layouts) else np.float32)
    native = [one for one in slices if _is_native(one.pixels)]
    coded = [one for one in slices if not _is_native(one.pixels)]
    shape = plan.shape_ijk[::-1]
    try:
        if not coded:
            hu: HuArray = np.empty(shape, dtype)
            clipped = [_read_native(native, hu)]
        else:
            with SharedMemory(int(np.prod(shape)) * dtype.itemsize) as memory:
                hu = memory.array(shape, dtype)
                clipped = [_read_native(native, hu), decode_slices(coded, memory, dtype, pool or default_pool())]
    except SliceError as fault:
        raise _at_slice(fault.error, fault.k, len(slices)) from None
    codes = ["W_PADDING_CLIPPED"] * any(low for low, _ in clipped) + ["W_HIGH_CLIPPED"] * any(h for _, h in clipped)
    # values that were only taken for HU must prove it
    return Voxels(hu, (*codes, *check_values(hu, must_hold_air="W_ASSUMED_HU" in plan.codes)), _decoders(layouts))


def _coded_slice(plan: SeriesPlan, k: int) -> CodedSlice:
    source = plan.slices[k]
    if not isinstance(source, PlannedSlice) or source.pixels is None:
        raise TypeError("the plan was not made by plan_scans: its slices say nothing of their pixels")
    return CodedSlice(k, source.path, source.pixels)


def _is_native(layout: PixelLayout) -> bool:
    syntax = TRANSFER_SYNTAXES[layout.transfer_syntax]
    return not (syntax.encapsulated or syntax.deflated)


def _is_whole(layout: PixelLayout) -> bool:
    return float(layout.slope or 0).is_integer() and float(layout.intercept or 0).is_integer()


def _read_native(slices: list[CodedSlice], hu: HuArray) -> Clipped:
    too_low = too_high = False
    stored = stored_slices((one.path, one.pixels) for one in slices)
    for one in slices:
        try:
            values = next(stored)
        except IngestError as error:
            raise SliceError(error, one.k) from None
        low, high = rescale_slice(values, one.pixels.slope or 0.0, one.pixels.intercept or 0.0, hu[one.k])
        too_low, too_high = too_low or low, too_high or high
    return too_low, too_high


def _at_slice(error: IngestError, k: int, count: int) -> IngestError:
    located = IngestError(error.code, status=error.status)
    located.reason = f"{error.reason} (slice {k + 1} of {count})"
    return located


def _decoders(layouts: list[PixelLayout]) -> str:
    names = sorted({TRANSFER_SYNTAXES[layout.transfer_syntax].decoder for layout in layouts})
    packages = [_PACKAGES.get(name, name) for name in names]
    return ", ".join(f"{package} {version(package)}" for package in packages)
