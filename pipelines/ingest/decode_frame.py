"""One compressed frame to stored values, by the decoder chosen for its transfer syntax."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from pydicom.encaps import encapsulate
from pydicom.pixels import get_decoder

from .codestream_size import codestream_size
from .decode_rle import decode_rle
from .ingest_error import IngestError
from .slice_header import PixelLayout
from .transfer_syntaxes import TRANSFER_SYNTAXES

_RLE = "1.2.840.10008.1.2.5"


def decode_frame(frame: bytes, layout: PixelLayout) -> npt.NDArray[np.generic]:
    """Decode to ``(j, i)`` 16-bit values as stored.

    Raises
    ------
    IngestError
        ``E_CODESTREAM_MISMATCH`` where the frame's own size is another than the header's, ``E_DECODE`` where it fails.
    """
    if layout.transfer_syntax == _RLE:
        return decode_rle(frame, layout.rows or 0, layout.columns or 0)
    expected = (layout.rows, layout.columns, 1)
    if (found := codestream_size(frame)) != expected:
        raise IngestError("E_CODESTREAM_MISMATCH", f"(found {found}, expected {expected})")
    try:
        array, _ = get_decoder(layout.transfer_syntax).as_array(
            encapsulate([frame], has_bot=False),
            index=0,
            raw=True,
            decoding_plugin=TRANSFER_SYNTAXES[layout.transfer_syntax].decoder,
            **_options(layout),
        )
    except Exception as error:  # noqa: BLE001 - whatever a decoder raises is a fault of the file
        raise IngestError("E_DECODE", f"({type(error).__name__})", "failed") from None
    return np.asarray(array)


def _options(layout: PixelLayout) -> dict[str, object]:
    return {
        "rows": layout.rows,
        "columns": layout.columns,
        "number_of_frames": 1,
        "samples_per_pixel": 1,
        "photometric_interpretation": layout.photometric,
        "pixel_keyword": "PixelData",
        "pixel_representation": int(layout.signed),
        "bits_allocated": layout.bits_allocated,
        "bits_stored": layout.bits_stored,
    }
