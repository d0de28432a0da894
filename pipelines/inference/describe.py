"""What a part of a model is, in plain values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from monai.transforms import Compose
from torch import nn

Plain = None | bool | int | float | str | list["Plain"] | dict[str, "Plain"]


def describe(part: object) -> Plain:
    """Describe an object by its class and public attributes, down to plain values that can be hashed.

    Two parts with the same description compute the same; it is taken from the objects, not from the config's text, so
    it holds whatever file, override or default a value came from.
    """
    if part is None or isinstance(part, bool | int | float | str):
        return part
    if isinstance(part, np.ndarray | np.generic):
        return describe(part.tolist())
    if isinstance(part, nn.Module):
        return [_name(part), repr(part)]
    if isinstance(part, Compose):
        return [describe(step) for step in part.transforms]
    if isinstance(part, Mapping):
        return {str(key): describe(value) for key, value in sorted(part.items())}
    if isinstance(part, Sequence | set | frozenset):
        return [describe(value) for value in part]
    if isinstance(part, torch.dtype | torch.device | type):
        return str(part)
    return _describe_object(part)


def _describe_object(part: object) -> Plain:
    public = {key: value for key, value in vars(part).items() if not key.startswith("_")}
    return {"class": _name(part), **{key: describe(value) for key, value in sorted(public.items())}}


def _name(part: object) -> str:
    return f"{type(part).__module__}.{type(part).__qualname__}"
