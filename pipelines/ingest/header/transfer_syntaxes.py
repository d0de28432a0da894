"""The transfer syntaxes that are read, and what decodes each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class TransferSyntax:
    """How a data set and its pixels are coded (DICOM PS3.5 annex A).

    ``decoder`` is the pydicom plugin for encapsulated pixels (``resmtnet``: our own), empty for native ones.
    """

    implicit: bool = False
    little_endian: bool = True
    deflated: bool = False
    decoder: str = ""
    lossy: bool = False

    @property
    def encapsulated(self) -> bool:
        """Whether the pixel data are a sequence of compressed fragments."""
        return bool(self.decoder)


_JPEG_LS, _JPEG_2000 = "pyjpegls", "pylibjpeg"

TRANSFER_SYNTAXES: Mapping[str, TransferSyntax] = MappingProxyType(
    {
        "1.2.840.10008.1.2": TransferSyntax(implicit=True),
        "1.2.840.10008.1.2.1": TransferSyntax(),
        "1.2.840.10008.1.2.1.99": TransferSyntax(deflated=True),
        "1.2.840.10008.1.2.2": TransferSyntax(little_endian=False),
        "1.2.840.10008.1.2.4.57": TransferSyntax(decoder="gdcm"),
        "1.2.840.10008.1.2.4.70": TransferSyntax(decoder="gdcm"),
        "1.2.840.10008.1.2.4.80": TransferSyntax(decoder=_JPEG_LS),
        "1.2.840.10008.1.2.4.81": TransferSyntax(decoder=_JPEG_LS, lossy=True),
        "1.2.840.10008.1.2.4.90": TransferSyntax(decoder=_JPEG_2000),
        "1.2.840.10008.1.2.4.91": TransferSyntax(decoder=_JPEG_2000, lossy=True),
        "1.2.840.10008.1.2.4.201": TransferSyntax(decoder=_JPEG_2000),
        "1.2.840.10008.1.2.4.202": TransferSyntax(decoder=_JPEG_2000),
        "1.2.840.10008.1.2.4.203": TransferSyntax(decoder=_JPEG_2000, lossy=True),
        "1.2.840.10008.1.2.5": TransferSyntax(decoder="resmtnet"),
    }
)
