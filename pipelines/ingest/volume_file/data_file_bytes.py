"""How many bytes of voxels a MetaImage or NRRD file has."""

from __future__ import annotations

import stat
from pathlib import Path

from ..ingest_error import IngestError
from .text_header import TextHeader


def data_file_bytes(path: Path, text: TextHeader) -> int:
    """Count the bytes behind the header, or those of the file beside it.

    Raises
    ------
    IngestError
        ``E_TRUNCATED`` where the data file is missing, ``E_BAD_HEADER`` where it is no regular file.
    """
    try:
        status = (text.data_path or path).lstat()
    except OSError:
        raise IngestError("E_TRUNCATED", "(the data file is missing)") from None
    if not stat.S_ISREG(status.st_mode):
        raise IngestError("E_BAD_HEADER", "(the data file is no regular file)")
    return status.st_size - (0 if text.data_path else text.header_bytes)
