"""What a user may choose when their own annotations are converted."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from ...ingest.ingest_options import IngestOptions


@dataclass(frozen=True)
class OwnOptions:
    """How annotations and scans are brought together.

    Parameters
    ----------
    scans : folder with the scans, of any depth; None for the folder of the annotations.
    table : CSV with a row per scan: ``case`` and any of ``patient_id``, ``fold``, ``complete``. A scan that it calls
        complete and that has no annotation is a scan without a nodule.
    complete : every annotated scan has all of its nodules annotated, whatever a table says.
    check_lungs : read every scan and see that its nodules lie near a lung; without, only that they lie in the image.
    ingest : how scans are judged and named.
    progress : show bars on stderr where that is a terminal.
    """

    scans: Path | None = None
    table: Path | None = None
    complete: bool = False
    check_lungs: bool = True
    ingest: IngestOptions = field(default_factory=IngestOptions)
    progress: bool = False


def scans_folder(annotations: Path, options: OwnOptions) -> Path:
    """Return the folder to look for scans in."""
    if options.scans is not None:
        return options.scans
    return annotations if annotations.is_dir() else annotations.parent
