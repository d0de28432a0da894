"""One picture, decoded into shared memory."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ..ingest_error import IngestError
from ..pixels.decode_fault import DecodeFault
from ..tree.open_regular import byte_size
from ..tree.open_unchanged import open_unchanged
from .picture_kind import picture_kind

MAX_FILE_BYTES = 2**30  # a cine of a thousand frames; the file is held in memory
_HEAD_BYTES = 32 * 2**10


def fill_picture(body: Mapping[str, Any], memory: memoryview) -> tuple[float, ...]:
    """Write the grey values of one frame to the start of ``memory`` as float32; see :mod:`.picture_facts`.

    Raises
    ------
    IngestError
        What decoding found.
    """
    path = Path(body["path"])
    with open_unchanged(path) as stream:
        if byte_size(stream) > MAX_FILE_BYTES:
            raise DecodeFault("picture bytes", byte_size(stream), MAX_FILE_BYTES)
        head = stream.read(_HEAD_BYTES)
        try:
            kind = picture_kind(head, path.name)
        except IngestError as error:  # said anew as a row of the table
            raise DecodeFault(error.code) from None
        data = head + stream.read()
    if kind == "dicom":
        from .parse_dicom_picture import parse_dicom_picture

        grey, facts = parse_dicom_picture(data, body["frame"], tuple(body["window_hu"]), body["max_pixels"])
    else:
        from .parse_raster import parse_raster

        grey, facts = parse_raster(data, body["frame"], body["max_pixels"])
    np.frombuffer(memory, np.float32, grey.size).reshape(grey.shape)[...] = grey
    return facts.to_numbers()
