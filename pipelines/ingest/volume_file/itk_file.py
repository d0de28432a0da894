"""MetaImage (.mha, .mhd) and NRRD (.nrrd, .nhdr) files, read by SimpleITK in a worker, behind a gate of our own.

ITK fills in what a header does not say (spacing 1, origin 0) and follows any path named in it: the gate refuses both.
"""

from __future__ import annotations

from pathlib import Path

from ..pixels.decode_fault import DecodeFault
from ..sandbox.read_header import read_header
from .data_file_bytes import data_file_bytes
from .text_header import read_text_header
from .volume_header import VolumeHeader


def read_itk_header(path: Path) -> VolumeHeader:
    """Read shape, type and place.

    Raises
    ------
    IngestError
        ``E_BAD_HEADER`` for what is no such file, ``E_TRUNCATED`` where its data file is missing.
    """
    text = read_text_header(path)
    if not text.known_coding:
        raise DecodeFault("coding")
    data_file_bytes(path, text)
    return read_header(path, "metaimage")
