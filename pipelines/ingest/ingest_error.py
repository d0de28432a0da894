"""A fault of the input, on its way to become a record."""

from __future__ import annotations

from ..codes import CODES
from ..records import Status


class IngestError(Exception):
    """A series or file that cannot be read.

    ``reason`` says what, where, found, expected and what to do; it holds no patient text, UID of an instance, or path.
    """

    def __init__(self, code: str, detail: str = "", status: Status = "rejected") -> None:
        self.code = code
        self.reason = " ".join(part for part in (CODES[code].summary, detail, CODES[code].remedy) if part)
        self.status: Status = status
        super().__init__(code)

    def __str__(self) -> str:
        return f"{self.code}: {self.reason}"
