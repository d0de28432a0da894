"""How much of a tree is looked at."""

from __future__ import annotations

from dataclasses import dataclass, field

from .zip_members import ArchiveLimits

MAX_DEPTH = 32  # deeper than any export seen
MAX_FILES = 20_000_000  # sixty thousand scans of 300 slices: hours of header reading
MAX_FILE_BYTES = 16 * 2**30  # far above any CT series in one file
MAX_TOTAL_BYTES = 80 * 2**40  # eight times what so many slices of 512 x 512 take


@dataclass(frozen=True)
class WalkLimits:
    """Limits of :func:`.walk_files.walk_files`.

    Parameters
    ----------
    depth
        Folders below the root that are gone into, one inside the other.
    files, total_bytes
        How many files are listed at most, and their size together (uncompressed for members of archives).
    file_bytes
        Size of one file.
    archive
        Limits of each zip archive.
    """

    depth: int = MAX_DEPTH
    files: int = MAX_FILES
    file_bytes: int = MAX_FILE_BYTES
    total_bytes: int = MAX_TOTAL_BYTES
    archive: ArchiveLimits = field(default_factory=ArchiveLimits)
