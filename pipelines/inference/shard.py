"""A part of a run that is divided among processes."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

_FORM = re.compile(r"(\d+)/(\d+)")


@dataclass(frozen=True)
class Shard:
    """Part ``number`` (from 1) of ``count``, none of which has a case in common with another.

    Which part a case belongs to follows from its id alone, and so is the same on every machine and in every order.
    """

    number: int
    count: int

    def __post_init__(self) -> None:
        if not 1 <= self.number <= self.count:
            raise ValueError(f"a shard is I/N with I from 1 to N; found {self}")

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"

    def holds(self, case_id: str) -> bool:
        """Say whether a case belongs to this part."""
        return int(hashlib.sha256(case_id.encode()).hexdigest()[:8], 16) % self.count + 1 == self.number

    @classmethod
    def parse(cls, text: str) -> Shard:
        """Read ``I/N``; raises ValueError."""
        found = _FORM.fullmatch(text)
        if found is None:
            raise ValueError(f"a shard is I/N, such as 2/8; found {text!r}")
        return cls(int(found[1]), int(found[2]))
