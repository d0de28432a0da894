"""The files in the folder of a case that its page leads to."""

from __future__ import annotations

from html import escape
from typing import NamedTuple
from urllib.parse import quote

from ...records import CaseResult, Volume


class BesideFile(NamedTuple):
    """A file of the registry, asked for by ``output``; some need a DICOM source, some a finding.

    ``within``: the file to link to, where ``name`` is a folder.
    """

    output: str
    name: str
    what: str
    dicom: bool = False
    findings: bool = False
    within: str = ""


BESIDE: tuple[BesideFile, ...] = (
    BesideFile("json", "case.json", "all values as JSON"),
    BesideFile("nifti", "nodules.nii.gz", "outlines as label map (NIfTI)"),
    BesideFile("preview", "preview.png", "picture of the findings"),
    BesideFile("seg", "dicom/segmentation.dcm", "DICOM segmentation", dicom=True, findings=True),
    BesideFile("seg-labelmap", "dicom/segmentation_labelmap.dcm", "the same as label map", dicom=True, findings=True),
    BesideFile("sr", "dicom/report.dcm", "DICOM structured report", dicom=True),
    BesideFile("sr", "dicom/report_lines.dcm", "the same with axes as lines", dicom=True, findings=True),
    BesideFile("rtstruct", "dicom/rtstruct.dcm", "DICOM structure set", dicom=True, findings=True),
    BesideFile("sc", "dicom/key_images", "DICOM key images", dicom=True, findings=True, within="finding_01.dcm"),
    BesideFile("markups", "markups.mrk.json", "axes for 3D Slicer", findings=True),
    BesideFile("markups", "open_in_slicer.py", "script that opens all in 3D Slicer", findings=True),
)


def files_beside(result: CaseResult, volume: Volume) -> str:
    """Return HTML of links to what was asked for and is made of such a case."""
    items = "".join(_item(file) for file in BESIDE if _is_there(file, result, volume))
    return f'<ul class="plain">{items}</ul>'


def _item(file: BesideFile) -> str:
    name = f"{file.name}/{file.within}" if file.within else file.name
    return f'<li><a href="{quote(name)}">{escape(name)}</a> <span class="quiet">{escape(file.what)}</span></li>'


def _is_there(file: BesideFile, result: CaseResult, volume: Volume) -> bool:
    failed = any(note.startswith(f"W_FILE_NOT_MADE ({file.name}:") for note in result.notes)
    asked = file.output in result.outputs or file.output == "json"
    dicom = volume.plan.kind == "dicom" and bool(volume.plan.slices)
    return asked and not failed and (dicom or not file.dicom) and (bool(result.findings) or not file.findings)
