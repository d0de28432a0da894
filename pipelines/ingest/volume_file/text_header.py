"""The text header of a MetaImage or NRRD file, before any library follows what it says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ..ingest_error import IngestError
from ..tree.open_regular import open_regular

MAX_HEADER_BYTES = 64 * 2**10  # such headers hold one or two kilobytes

_MM = ("mm", "millimeter", "millimeters", "millimetre", "millimetres", "?", "")
_NRRD_SPACES = ("left-posterior-superior", "lps", "right-anterior-superior", "ras", "left-anterior-superior", "las")


@dataclass(frozen=True)
class TextHeader:
    """Fields by lower-case name, the size of the header, and the file beside it that holds the voxels (or None)."""

    fields: Mapping[str, str]
    header_bytes: int
    data_path: Path | None

    @property
    def known_coding(self) -> bool:
        """Whether the voxels are raw or deflated: others (text, hex, bzip2) are not worth their risk."""
        return self.fields.get("encoding", "raw").lower() in ("raw", "gzip", "gz")

    @property
    def compressed(self) -> bool:
        """Whether the voxels are compressed, so that their size in the file is unknown."""
        raw = self.fields.get("encoding", "raw").lower() == "raw"
        return self.fields.get("compresseddata", "false").lower() == "true" or not raw

    @property
    def placed(self) -> bool:
        """Whether spacing, origin and directions are all given, in mm, in a frame known to be the patient's."""
        units = self.fields.get("space units", self.fields.get("distanceunits", "mm"))
        if set(units.lower().replace('"', " ").split()) - set(_MM):  # ITK would take any unit for mm
            return False
        if "space" in self.fields:
            known = self.fields["space"].lower() in _NRRD_SPACES
            return known and {"space directions", "space origin"} <= self.fields.keys()
        origin = {"offset", "position", "origin"} & self.fields.keys()
        axes = {"transformmatrix", "rotation", "orientation"} & self.fields.keys()
        return "elementspacing" in self.fields and bool(origin) and bool(axes)


def read_text_header(path: Path) -> TextHeader:
    """Read the header.

    Raises
    ------
    IngestError
        ``E_BAD_HEADER`` where it is no such header, or names a data file that is not simply one beside it.
    """
    with open_regular(path) as stream:
        head = stream.read(MAX_HEADER_BYTES)
    is_nrrd = head.startswith(b"NRRD000")
    fields: dict[str, str] = {}
    offset = head.find(b"\n") + 1 if is_nrrd else 0
    while 0 <= offset < len(head):
        end = head.find(b"\n", offset)
        end = len(head) if end < 0 else end
        line = head[offset:end].decode("latin-1").strip()
        offset = end + 1
        if is_nrrd and not line:
            break
        name, separator, value = line.partition(":" if is_nrrd else "=")
        if not separator and not line.startswith("#"):
            break
        fields[name.strip().lower()] = value.lstrip("=").strip()
        if "elementdatafile" in fields:
            break
    return TextHeader(fields, min(offset, len(head)), _data_path(path, fields, is_nrrd))


def _data_path(path: Path, fields: Mapping[str, str], is_nrrd: bool) -> Path | None:
    named = fields.get("data file", fields.get("datafile")) if is_nrrd else fields.get("elementdatafile", "")
    if named is None or (named.upper() == "LOCAL" and not is_nrrd):
        return None
    simple = bool(named) and not any(mark in named for mark in "/\\%\0 ") and named not in (".", "..", "LIST")
    if not simple:
        raise IngestError("E_BAD_HEADER", "(the data file must be one file beside the header)")
    return path.parent / named
