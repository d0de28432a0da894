"""Voxel values as they come out of a reader, and the questions put to them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..ingest_error import IngestError

HuArray = npt.NDArray[np.int16] | npt.NDArray[np.float32]

LOWEST_HU = -1024  # air is -1000; what is below stands for "outside the field of view"
HIGHEST_HU = 32767  # int16; metal reaches 3071, extended scales 30000
AIR_HU = -500  # every chest CT has air around or in the patient; nothing but air and lung is below


@dataclass(frozen=True, eq=False)
class Voxels:
    """HU ``(k, j, i)`` with what was noticed on the way and what decoded them."""

    hu: HuArray
    codes: tuple[str, ...]
    decoder: str


def check_values(hu: HuArray, must_hold_air: bool) -> tuple[str, ...]:
    """Ask whether the values can be HU; warnings come back.

    Raises
    ------
    IngestError
        ``E_NAN``, ``E_CONSTANT``; ``E_NOT_HU`` where there must be air and is none.
    """
    lowest, highest = float(hu.min()), float(hu.max())
    if not np.isfinite(lowest) or not np.isfinite(highest):
        raise IngestError("E_NAN", f"({int((~np.isfinite(hu)).sum())} of {hu.size} voxels)")
    if lowest == highest:
        raise IngestError("E_CONSTANT", f"(found {lowest:g})")
    if lowest <= AIR_HU:
        return ()
    if must_hold_air:
        raise IngestError("E_NOT_HU", f"(values {lowest:g} to {highest:g}; none below {AIR_HU})")
    return ("W_NO_AIR",)
