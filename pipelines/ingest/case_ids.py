"""Names for cases that say nothing of the patient."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable

ID_CHARS = 12  # 48 bits: two of ten thousand series collide with a chance of 2e-7
_PURPOSE = b"resmtnet:"


def hash_identity(identity: bytes, key: bytes = b"") -> str:
    """First 12 hex digits of SHA-256 over the identity, or of HMAC-SHA256 where there is a key."""
    if key:
        return hmac.new(key, _PURPOSE + identity, hashlib.sha256).hexdigest()[:ID_CHARS]
    return hashlib.sha256(_PURPOSE + identity).hexdigest()[:ID_CHARS]


def count_collisions(identifiers: Iterable[str]) -> tuple[str, ...]:
    """Append -2, -3, ... to the second, third, ... use of an identifier."""
    seen: dict[str, int] = {}
    numbered = []
    for identifier in identifiers:
        seen[identifier] = seen.get(identifier, 0) + 1
        numbered.append(identifier if seen[identifier] == 1 else f"{identifier}-{seen[identifier]}")
    return tuple(numbered)
