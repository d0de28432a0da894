"""Say anew why a finished case was taken."""

from __future__ import annotations

import json
from pathlib import Path

from .atomic_write import atomic_write
from .output_not_writable import writing
from .plain_json import plain_json


def renew_choice(output: Path, case_id: str, choice: str) -> None:
    """Write ``choice`` into the ``case.json`` of a case that is there; nothing else of it changes.

    Other series rules may take the same scan for another reason: its findings stay, the reason does not.

    Raises
    ------
    OutputNotWritable
        The disk is full or may not be written.
    """
    path = output / "cases" / case_id / "case.json"
    with writing(output):
        content = json.loads(path.read_bytes())
        atomic_write(path, plain_json({**content, "choice": choice}))
