"""The header of a volume file, in the worker."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .header_numbers import to_numbers


def parse_header(body: Mapping[str, Any]) -> tuple[float, ...]:
    """Read the header of the file that ``body`` names; see :mod:`.header_numbers`.

    Raises
    ------
    IngestError
        What the reader found.
    """
    if body["kind"] == "nifti":
        from .parse_nifti import parse_nifti_header

        return to_numbers(parse_nifti_header(Path(body["path"])))
    from .parse_itk import parse_itk_header

    return to_numbers(parse_itk_header(Path(body["path"])))
