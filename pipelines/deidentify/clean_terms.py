"""Texts of which readings hang on being equal or not: known terms stay, others become keyed tokens."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from .clean_value import clean_value
from .elements import tag_of
from .kernels import is_kernel
from .pseudonyms import Pseudonyms

_RESCALE_TYPES = frozenset(("OD", "HU", "US", "MGML", "Z_EFF", "ED", "EDW", "HU_MOD", "PCT"))  # PS3.3 C.11.1.1.2
_NUMBER = re.compile(r"\d{1,5}")
_LONG_NUMBER = re.compile(r"\d{6}")


def _is_image_type(text: str) -> bool:
    return clean_value("CS", text.encode("latin-1"), little=True) is not None and not _LONG_NUMBER.search(text)


_IS_KNOWN: Mapping[int, Callable[[str], object]] = {
    tag_of("ImageType"): _is_image_type,
    tag_of("FrameType"): _is_image_type,
    tag_of("ConvolutionKernel"): is_kernel,
    tag_of("RescaleType"): _RESCALE_TYPES.__contains__,
    tag_of("StackID"): _NUMBER.fullmatch,
}
TERMS = frozenset(_IS_KNOWN)
"""The attributes that are cleaned so: what tells the phases, stacks and reconstructions of a series apart."""


def clean_terms(tag: int, value: bytes, names: Pseudonyms) -> bytes:
    """Give the values of an attribute of :data:`TERMS`; equal ones stay equal."""
    parts = (part.strip(" \0") for part in value.decode("latin-1").split("\\"))
    is_known = _IS_KNOWN[tag]
    return "\\".join(part if not part or is_known(part) else names.token("term", part) for part in parts).encode()
