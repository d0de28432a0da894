"""A scan's name from that of its file."""

from __future__ import annotations

import re

_ENDING = re.compile(r"\.(nii(\.gz)?|mhd|mha|nrrd|nhdr|zip|dcm)$", re.IGNORECASE)


def scan_name(path: str) -> str:
    """Return the last part of a path of any system, without the ending of an image file."""
    return _ENDING.sub("", re.split(r"[/\\]", path.rstrip("/\\"))[-1])
