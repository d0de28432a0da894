"""A phantom's file in another transfer syntax, as a scanner or an archive would send it."""

from __future__ import annotations

from pathlib import Path

import pydicom
from pydicom.uid import (
    UID,
    ExplicitVRBigEndian,
    JPEG2000Lossless,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)

_ENCODERS = {JPEGLSLossless: "pyjpegls", JPEG2000Lossless: "pylibjpeg", RLELossless: "pydicom"}


def code_as(path: Path, syntax: UID, target: Path | None = None) -> None:
    """Write the file of one image of 16 bits anew in this lossless coding, in place where there is no target.

    Raises
    ------
    ValueError
        GDCM, which codes JPEG lossless, cannot read or code it.
    """
    target = target or path
    if syntax in (JPEGLossless, JPEGLosslessSV1):
        _code_by_gdcm(path, syntax, target)
        return
    ds = pydicom.dcmread(path)
    if syntax in _ENCODERS:
        ds.compress(syntax, encoding_plugin=_ENCODERS[syntax], generate_instance_uid=False)
    ds.file_meta.TransferSyntaxUID = syntax
    if syntax == ExplicitVRBigEndian:
        words = bytearray(ds.PixelData)
        words[0::2], words[1::2] = words[1::2], words[0::2]
        ds.PixelData = bytes(words)
        pydicom.filewriter.dcmwrite(target, ds, little_endian=False, implicit_vr=False, enforce_file_format=True)
    else:
        ds.save_as(target, enforce_file_format=True)


def _code_by_gdcm(path: Path, syntax: UID, target: Path) -> None:
    import gdcm  # type: ignore[import-untyped, unused-ignore]

    reader, change, writer = gdcm.ImageReader(), gdcm.ImageChangeTransferSyntax(), gdcm.ImageWriter()
    reader.SetFileName(str(path))
    if not reader.Read():
        raise ValueError("GDCM cannot read the file")
    change.SetTransferSyntax(gdcm.TransferSyntax(gdcm.TransferSyntax.GetTSType(str(syntax))))
    change.SetInput(reader.GetImage())
    if not change.Change():
        raise ValueError(f"GDCM cannot code as {syntax.name}")
    writer.SetFile(reader.GetFile())
    writer.SetImage(change.GetOutput())
    writer.SetFileName(str(target))
    if not writer.Write():
        raise ValueError("GDCM cannot write the file")
