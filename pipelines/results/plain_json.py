"""JSON of plain finite values, the same bytes for the same content."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence

import numpy as np

Plain = None | bool | int | float | str | Sequence["Plain"] | Mapping[str, "Plain"]


def plain_json(content: Mapping[str, Plain]) -> bytes:
    """Encode with sorted keys; numbers of numpy become plain ones.

    Raises
    ------
    ValueError
        A number that is not finite; the message names its place.
    """
    return (json.dumps(_plain(content, "$"), indent=1, sort_keys=True, allow_nan=False) + "\n").encode()


def _plain(value: object, place: str) -> Plain:
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(f"{place} is {value}: only finite numbers are written")
        return value
    if isinstance(value, Mapping):
        return {str(key): _plain(item, f"{place}.{key}") for key, item in value.items()}
    if isinstance(value, Sequence):
        return [_plain(item, f"{place}[{index}]") for index, item in enumerate(value)]
    raise TypeError(f"{place} is a {type(value).__name__}: only plain values are written")
