"""Values by their VR: what does not look like its VR does not get through."""

from __future__ import annotations

import re

import numpy as np

_UNIT_BYTES = {"US": 2, "SS": 2, "AT": 2, "OW": 2, "UL": 4, "SL": 4, "FL": 4, "FD": 8}
_MULTIPLE = {**_UNIT_BYTES, "AT": 4}

_PATTERNS = {
    "CS": re.compile(r"[A-Z0-9 _]{0,16}"),
    # longer decimal strings than the 16 characters of the standard are common, and geometry hangs on them
    "DS": re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?|"),
    "IS": re.compile(r"[+-]?\d{1,10}|"),
    "AS": re.compile(r"\d{3}[DWMY]|"),
}
# no caret or equals sign of a person's name, no address of the web or of mail, no line ends, ASCII only
_PLAIN = re.compile(r"(?!.*//)[A-Za-z0-9 ._,;:/()+\[\]%&*#<>-]{0,64}")
_MAX_NUMBER_CHARS = 64
_NO_TEXT = frozenset(("DS", "AS"))
# 20200228, 2020-02-28, 28.02.2020: neither a version nor a count
_DATE = re.compile(
    r"(?<!\d)(?:(?:19|20)\d\d(?P<between>[-./_]?)(?:0[1-9]|1[0-2])(?P=between)(?:0[1-9]|[12]\d|3[01])"
    r"|(?:[0-2]\d|3[01])[-./_](?:[0-2]\d|3[01])[-./_](?:19|20)\d\d)(?!\d)"
)


def clean_value(vr: str, value: bytes, little: bool) -> bytes | None:
    """Give the value as little endian bytes, or None where it is not of its VR.

    Numbers must be numbers; CS has its own characters; other texts are short, printable ASCII without the characters
    that a person's name is built with. No text, and no IS, holds a date.
    """
    if vr in _UNIT_BYTES:
        return _numbers(vr, value, little)
    if vr == "OB":
        return value
    try:
        text = value.decode("ascii").strip(" \0")
    except UnicodeDecodeError:
        return None
    parts = [part.strip(" ") for part in text.split("\\")]
    pattern = _PATTERNS.get(vr, _PLAIN)
    if not all(pattern.fullmatch(part) and len(part) <= _MAX_NUMBER_CHARS for part in parts):
        return None
    if vr not in _NO_TEXT and any(map(_DATE.search, parts)):
        return None
    return "\\".join(parts).encode("ascii")


def _numbers(vr: str, value: bytes, little: bool) -> bytes | None:
    if len(value) % _MULTIPLE[vr]:
        return None
    return value if little else swap_bytes(value, _UNIT_BYTES[vr])


def swap_bytes(value: bytes, unit_bytes: int) -> bytes:
    """Turn big endian units into little endian ones."""
    return np.frombuffer(value, f">u{unit_bytes}").astype(f"<u{unit_bytes}").tobytes()
