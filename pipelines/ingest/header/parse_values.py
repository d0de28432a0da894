"""Raw element values to plain ones: bounded, silent, without guessing."""

from __future__ import annotations

import math

MAX_NUMBER_CHARS = 64  # DS allows 16; anything longer is no number of ours
MAX_TEXT_BYTES = 4096
MAX_INTEGER = 2**31  # of VR IS (PS3.5 6.2)

_PADDING = " \0\t\r\n"


def parse_text(raw: bytes | None) -> tuple[str, ...] | None:
    r"""Split a text value at ``\``, strip its padding; None where the element is absent, () where it is empty."""
    if raw is None:
        return None
    text = bytes(raw[:MAX_TEXT_BYTES]).decode("latin-1").strip(_PADDING)
    return tuple(part.strip(_PADDING) for part in text.split("\\")) if text else ()


def parse_numbers(raw: bytes | None) -> tuple[float, ...] | None:
    """Read a DS or IS value; what is no plain decimal number becomes NaN. None where absent, () where empty."""
    parts = parse_text(raw)
    return None if parts is None else tuple(_number(part) for part in parts)


def parse_number(raw: bytes | None) -> float | None:
    """Read the one value of a DS element; NaN where it is no number or there are several, None where there is none."""
    numbers = parse_numbers(raw)
    if not numbers:
        return None
    return numbers[0] if len(numbers) == 1 else math.nan


def parse_integer(raw: bytes | None) -> int | None:
    """Read the first value of an IS element; None where there is no whole number in the range of IS."""
    numbers = parse_numbers(raw)
    if not numbers or not abs(numbers[0]) <= MAX_INTEGER or numbers[0] != int(numbers[0]):
        return None
    return int(numbers[0])


def parse_unsigned(raw: bytes | None, little_endian: bool) -> int | None:
    """Read the one value of a US element (or of a UL where US is due); None where absent or of another length."""
    if raw is None or len(raw) not in (2, 4):
        return None
    return int.from_bytes(raw, "little" if little_endian else "big")


def _number(text: str) -> float:
    """Parse a decimal number; ``float`` alone would also take "1_000", "nan" and "infinity"."""
    if not text or len(text) > MAX_NUMBER_CHARS or text.strip("0123456789+-.eE"):
        return math.nan
    try:
        value = float(text)
    except ValueError:
        return math.nan
    return value if math.isfinite(value) else math.nan
