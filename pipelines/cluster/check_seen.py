"""Whether a machine sees the folders of a run."""

from __future__ import annotations

from pathlib import Path

from ..inference.usage_error import UsageError
from .shared_mark import SharedMark


def check_seen(source: Path, mark: SharedMark, host: str) -> None:
    """See that the input is there, and that the output folder is the one in which the run left its mark.

    Raises
    ------
    UsageError
        It is not; the message names the machine, and no path.
    """
    for name, seen in (("input", source.exists()), ("output folder", mark.is_seen())):
        if not seen:
            raise UsageError(
                f"The {name} is not seen on node {host}. Put it on a file system that all nodes of the cluster have "
                "under the same path."
            )
