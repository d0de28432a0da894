"""Names for studies and objects that tell nothing to who has not the key."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from pathlib import Path

from ..results.atomic_write import atomic_write

SHOWN_CHARS = 8
"""So many digits of a study's name are shown in logs."""

_NAME_CHARS = 32  # 128 bits: names never collide
_PURPOSE = b"resmtnet serve "


def keyed_name(key: bytes, what: str, uid: str) -> str:
    """Name a UID by 32 hex digits of HMAC-SHA256; ``what`` keeps the names of studies and objects apart."""
    return hmac.new(key, _PURPOSE + what.encode() + b":" + uid.encode(), hashlib.sha256).hexdigest()[:_NAME_CHARS]


def own_key(file: Path) -> bytes:
    """Read the key, which is made when it is first asked for and readable for its owner only."""
    if not file.exists():
        atomic_write(file, secrets.token_hex(32).encode(), mode=0o600)
    return file.read_bytes()
