"""The kinds of files that a run can write; which file each is, is said in the registries of case and run files."""

from __future__ import annotations

from collections.abc import Sequence

OUTPUTS = {
    "json": "case.json, run.json (always)",
    "csv": "findings.csv",
    "nifti": "nodules.nii.gz, a label map",
    "preview": "preview.png",
    "html": "index.html, case.html",
    "seg": "DICOM segmentation",
    "seg-labelmap": "the same as label map, smaller and newer",
    "sr": "DICOM structured reports (TID 1500), with seg",
    "sc": "DICOM key images",
    "rtstruct": "DICOM structure set",
    "markups": "axes for 3D Slicer and a script that opens all",
}
"""Words that ask for them, and what comes."""
DEFAULT_OUTPUTS = ("json", "csv", "nifti", "preview", "html", "seg", "sr")


def checked_outputs(words: Sequence[str]) -> tuple[str, ...]:
    """Return the words in the order of :data:`OUTPUTS`, each once, ``json`` always among them, ``seg`` with ``sr``.

    Raises
    ------
    ValueError
        A word that names nothing.
    """
    unknown = [word for word in words if word not in OUTPUTS]
    if unknown:
        raise ValueError(f"expected some of {', '.join(OUTPUTS)}; found {', '.join(map(repr, unknown))}")
    wanted = {"json", *words} | ({"seg"} if "sr" in words else set())  # the report refers to the segmentation
    return tuple(word for word in OUTPUTS if word in wanted)
