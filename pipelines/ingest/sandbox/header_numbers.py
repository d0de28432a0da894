"""The header of a volume file as a row of numbers, there and back."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..volume_file.volume_header import VolumeHeader

MAX_AXES = 8
CONFLICT = "W_AFFINE_CONFLICT"  # the one warning that a header can carry
_DTYPES: tuple[np.dtype[np.generic], ...] = tuple(
    np.dtype(kind)
    for kind in ("i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8", "g", "c8", "c16", "G")  # g: long double
)
_OTHER: np.dtype[np.generic] = np.dtype("V1")
_LARGEST = 2**62


def to_numbers(header: VolumeHeader) -> tuple[float, ...]:
    """Give type, components, missing bytes, warning, number of axes, the axes, and the affine where there is one."""
    native = header.dtype.newbyteorder("=")
    dtype = _DTYPES.index(native) if native in _DTYPES else len(_DTYPES)
    missing = min(header.missing_bytes, _LARGEST)
    affine = () if header.affine_lps is None else tuple(float(value) for value in header.affine_lps.ravel())
    start = (dtype, header.components, missing, int(CONFLICT in header.codes), len(header.shape))
    return (*start, *header.shape, *affine)


def from_numbers(numbers: Sequence[float]) -> VolumeHeader:
    """Undo it.

    Raises
    ------
    ValueError
        No header gives such numbers.
    """
    counts = [int(number) for number in numbers[:5]]
    axes = counts[4] if len(counts) == 5 else -1
    if not 0 <= axes <= MAX_AXES or len(numbers) not in (5 + axes, 21 + axes):
        raise ValueError("no header")
    if not all(isinstance(number, int) for number in numbers[: 5 + axes]) or min(counts) < 0:
        raise ValueError("no header")
    if counts[0] > len(_DTYPES) or counts[3] > 1:
        raise ValueError("no header")
    affine = np.array(numbers[5 + axes :], np.float64).reshape(4, 4) if len(numbers) > 5 + axes else None
    dtype = (*_DTYPES, _OTHER)[counts[0]]
    shape = tuple(int(number) for number in numbers[5 : 5 + axes])
    return VolumeHeader(shape, dtype, counts[1], affine, counts[2], (CONFLICT,) if counts[3] else ())
