"""The answer of one judging function."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Verdict:
    """A code with its particulars; ``E_`` refuses, ``W_`` warns, and no verdict at all means nothing to say."""

    code: str
    detail: str = ""

    @property
    def refuses(self) -> bool:
        """Whether the series must not be read."""
        return self.code.startswith("E_")
