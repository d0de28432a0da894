"""What a worker says, believed only as far as it can be checked."""

from __future__ import annotations

import json
from dataclasses import dataclass

from ..pixels.decode_fault import DecodeFault

MAX_ANSWER_BYTES = 4096  # the longest, a header, has some 30 numbers
MAX_NUMBERS = 64
_LARGEST = 2**63


@dataclass(frozen=True)
class Answer:
    """``at``: begun with step ``numbers[0]``; ``done``: finished, with results; ``fault``: ended by ``fault``."""

    kind: str
    numbers: tuple[int | float, ...] = ()
    fault: DecodeFault | None = None


def parse_answer(line: bytes) -> Answer:
    """Read one line.

    Raises
    ------
    ValueError
        It is anything else than one of the three answers.
    """
    if len(line) > MAX_ANSWER_BYTES:
        raise ValueError("too long")
    try:
        value = json.loads(line.decode("ascii"))
    except RecursionError:
        raise ValueError("nested") from None
    if not isinstance(value, list) or len(value) != 3 or not isinstance(value[0], str):
        raise ValueError("no answer")
    kind, name, numbers = value
    if not isinstance(name, str) or not isinstance(numbers, list) or len(numbers) > MAX_NUMBERS:
        raise ValueError("no answer")
    if not all(type(number) in (int, float) and (number != number or abs(number) < _LARGEST) for number in numbers):
        raise ValueError("no number")
    if kind == "fault":
        return Answer(kind, (), _fault(name, numbers))
    if kind not in ("at", "done") or name:
        raise ValueError("no answer")
    return Answer(kind, tuple(numbers))


def _fault(name: str, numbers: list[int | float]) -> DecodeFault:
    if not all(isinstance(number, int) and number >= 0 for number in numbers):
        raise ValueError("no count")
    try:
        return DecodeFault(name, *(int(number) for number in numbers))
    except KeyError:
        raise ValueError("no such fault") from None
