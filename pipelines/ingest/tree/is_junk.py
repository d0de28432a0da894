"""Names of what file managers leave behind."""

from __future__ import annotations

_JUNK = frozenset({"thumbs.db", "desktop.ini", "__macosx"})


def is_junk(name: str) -> bool:
    """Whether a file or folder of this name is passed over: hidden, or known to hold no scan."""
    return name.startswith(".") or name.lower() in _JUNK
