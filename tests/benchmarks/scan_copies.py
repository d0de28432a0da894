"""The same scan, as if of several patients: a batch to time."""

from __future__ import annotations

from pathlib import Path

from measure import cost_of

_OWN = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "FrameOfReferenceUID")


def scan_copies(scan: Path, folder: Path, count: int) -> Path:
    """Write the CT files of a DICOM series ``count`` times, each time under other UIDs; return the folder."""
    cost_of(lambda: _write(scan, folder, count), repeat=1, threads=1)  # in a child, so that this process stays small
    return folder


def _write(scan: Path, folder: Path, count: int) -> None:
    import pydicom
    from pydicom.uid import generate_uid

    from resmtnet.pipelines.ingest.plan_scans import plan_scans

    (plan,) = plan_scans(scan).plans
    for number, source in enumerate(plan.slices):
        image = pydicom.dcmread(source.path)
        first = {name: str(image[name].value) for name in _OWN if name in image}
        for copy in range(count):
            for name, uid in first.items():
                image[name].value = generate_uid(entropy_srcs=[uid, str(copy)])
            image.PatientID = f"copy{copy}"
            image.file_meta.MediaStorageSOPInstanceUID = image.SOPInstanceUID
            path = folder / f"copy{copy}" / f"{number:04}.dcm"
            path.parent.mkdir(parents=True, exist_ok=True)
            image.save_as(path)
