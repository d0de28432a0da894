"""The registry: every file of a case and who makes it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from importlib import import_module
from typing import NamedTuple, Protocol

from ..records import CaseResult, Volume
from .case_json import case_json


class Encoder(Protocol):
    """From a case to the bytes of one file, of several by name, or None where the case has no such file."""

    def __call__(self, result: CaseResult, volume: Volume | None, /) -> bytes | Mapping[str, bytes] | None:
        """Encode the case; ``volume`` is None for a case that was not read."""


class CaseFile(NamedTuple):
    """A file in the folder of a case, or a folder of files there; ``output`` is the word that asks for it."""

    output: str
    name: str
    encode: Encoder


def _late(module: str) -> Encoder:
    """Import the module when it is first used, and take from it what has its name: many runs need few of them."""

    def encode(result: CaseResult, volume: Volume | None, /) -> bytes | Mapping[str, bytes] | None:
        encoder: Encoder = getattr(import_module(f".{module}", __package__), module.rpartition(".")[2])
        return encoder(result, volume)

    return encode


CASE_FILES: tuple[CaseFile, ...] = (
    CaseFile("nifti", "nodules.nii.gz", _late("nodules_nifti")),
    CaseFile("seg", "dicom/segmentation.dcm", _late("dicom.segmentation_dcm")),
    CaseFile("seg-labelmap", "dicom/segmentation_labelmap.dcm", _late("dicom.segmentation_labelmap_dcm")),
    CaseFile("sr", "dicom/report.dcm", _late("dicom.report_dcm")),
    CaseFile("sr", "dicom/report_lines.dcm", _late("dicom.report_lines_dcm")),
    CaseFile("sc", "dicom/key_images", _late("dicom.key_images_dcm")),
    CaseFile("rtstruct", "dicom/rtstruct.dcm", _late("dicom.rtstruct_dcm")),
    CaseFile("markups", "markups.mrk.json", _late("markups_json")),
    CaseFile("markups", "open_in_slicer.py", _late("slicer_script")),
    CaseFile("preview", "preview.png", _late("preview_png")),
    CaseFile("html", "case.html", _late("case_html")),  # after what may leave a warning
    CaseFile("json", "case.json", case_json),  # last: its presence means that the case is done
)


def case_files(outputs: Collection[str]) -> tuple[CaseFile, ...]:
    """Return the files that these words ask for; ``case.json`` is always among them."""
    return tuple(file for file in CASE_FILES if file.output in outputs or file.encode is case_json)
