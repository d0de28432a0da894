"""All XML files of a folder to the readings of the CT series."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ...ingest.ingest_error import IngestError
from ...ingest.tree.open_regular import open_regular
from ...ingest.tree.walk_files import walk_files
from ...with_progress import with_progress
from ..data_list import Refused
from .parse_reading import parse_reading
from .parse_xml import LARGEST_BYTES
from .reading import Reading


@dataclass(frozen=True, eq=False)
class Readings:
    """Readings by SeriesInstanceUID, and the files that could not be read."""

    by_series: Mapping[str, Reading]
    refused: tuple[Refused, ...] = ()


def read_readings(root: Path, *, exclude: Path | None = None, progress: bool = False) -> Readings:
    """Read every ``.xml`` under ``root`` (also within zip archives); those of chest radiographs are passed over.

    The release holds some files several times; a copy is passed over, a file that contradicts an earlier one of its
    series is refused, and the earlier one kept.

    Raises
    ------
    InputPathError
    """
    paths = [path for path in walk_files(root, exclude).files if path.suffix.lower() == ".xml"]
    by_series: dict[str, Reading] = {}
    refused = []
    for n, path in enumerate(with_progress(paths, "XML files", shown=progress), 1):
        try:
            reading = _read(path)
            if reading is not None and _says(by_series.setdefault(reading.series_uid, reading)) != _says(reading):
                raise IngestError("E_LABEL_CONFLICT", "(it differs from an earlier XML file of its series)")
        except IngestError as error:
            refused.append(Refused("", error.code, f"{error.reason} (XML file {n}, in order of path)"))
    return Readings(by_series, tuple(refused))


def _read(path: Path) -> Reading | None:
    try:
        with open_regular(path) as stream:
            return parse_reading(stream.read(LARGEST_BYTES + 1))
    except OSError as error:
        raise IngestError("E_LABEL_UNREADABLE", f"({type(error).__name__})") from None


def _says(reading: Reading) -> tuple[object, ...]:
    outlines = [
        (
            o.reader,
            sorted(o.ratings.items()),
            [(c.sop_uid, c.z_mm, c.included, c.points_ij.tobytes()) for c in o.contours],
        )
        for o in reading.outlines
    ]
    return reading.n_readers, outlines, reading.marks
