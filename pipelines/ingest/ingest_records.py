"""What is in a folder and how each scan is judged, as plain records for JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .ingest_options import IngestOptions
from .ingest_scans import ingest_scans


def ingest_records(
    root: Path, options: IngestOptions | None = None, *, read_pixels: bool = True
) -> list[dict[str, Any]]:
    """Give the records of :func:`.ingest_scans.ingest_scans` and nothing else."""
    return ingest_scans(root, options, read_pixels=read_pixels).records
