"""Everything that is derived from the key."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field

from pydicom.uid import UID_dictionary

MAX_OFFSET_DAYS = 3650


@dataclass(frozen=True)
class Pseudonyms:
    """New names for old ones by HMAC-SHA256: the same in every run with the same key, not to be undone without it."""

    key: bytes = field(repr=False)

    def uid(self, uid: str) -> str:
        """Give the new UID, a UUID of version 8 (RFC 9562) under 2.25; UIDs of the DICOM standard stay."""
        if uid in UID_dictionary:
            return uid
        digest = bytearray(self._digest("uid", uid)[:16])
        digest[6] = digest[6] & 0x0F | 0x80
        digest[8] = digest[8] & 0x3F | 0x80
        return f"2.25.{int.from_bytes(digest, 'big')}"

    def patient(self, identity: str) -> str:
        """Give a patient's pseudonym: a letter and 16 hexadecimal digits."""
        return f"P{self._hex('patient', identity)}"

    def offset_days(self, identity: str) -> int:
        """Give the days, 1 to 3650, by which the dates of a patient move into the past."""
        return 1 + int.from_bytes(self._digest("offset", identity)[:8], "big") % MAX_OFFSET_DAYS

    def token(self, kind: str, text: str) -> str:
        """Replace a text whose equality matters and whose wording must go: 13 characters."""
        return f"X{self._hex(kind, text)[:12]}"

    def name(self, kind: str, text: str) -> str:
        """Give a file or folder name."""
        return self._hex(f"name {kind}", text)

    @property
    def fingerprint(self) -> str:
        """What tells one key from another without showing it."""
        return self._hex("fingerprint", "")

    def _hex(self, purpose: str, text: str) -> str:
        return self._digest(purpose, text)[:8].hex().upper()

    def _digest(self, purpose: str, text: str) -> bytes:
        message = f"{purpose}\0{text}".encode("utf-8", errors="surrogateescape")
        return hmac.new(self.key, message, hashlib.sha256).digest()
