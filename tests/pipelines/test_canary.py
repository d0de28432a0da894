"""Nothing of a patient leaves the input: markers planted wherever they may stand, every byte written is searched."""

from __future__ import annotations

import dataclasses
import gzip
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import nibabel
import numpy as np
import pydicom
import pytest
import SimpleITK as sitk
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import JPEGLSLossless

from resmtnet.pipelines.phantom.dicom_series import write_ct_series
from resmtnet.pipelines.results.outputs import OUTPUTS

TEXT = "ZZCANARY"
UID = "1.2.826.0.1.3680043.9.7777"  # root of every UID planted
DATE, TIME = "19410527", "031337"
MARKS = [TEXT.encode(), TEXT.lower().encode(), TEXT.encode("utf-16-le"), UID.encode(), DATE.encode()]
MARKS += [b"1941-05-27", b"27.05.1941", TIME.encode(), b"03:13:37"]
NO_DATE = "20000102"  # becomes a date that is none, which pydicom would warn of with its value
PREAMBLE = TEXT.encode().ljust(128, b"\0")


def mark(ds: Dataset, series: int, k: int) -> None:
    """Write markers into every kind of place that a header has."""
    ds.StudyInstanceUID, ds.SeriesInstanceUID = f"{UID}.1", f"{UID}.2.{series}"
    ds.FrameOfReferenceUID, ds.SOPInstanceUID = f"{UID}.3", f"{UID}.4.{series}.{k + 1}"
    ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID
    ds.file_meta.SourceApplicationEntityTitle = ds.file_meta.SendingApplicationEntityTitle = TEXT
    ds.PatientName, ds.PatientID, ds.PatientBirthDate = f"{TEXT}^JOHN", f"{TEXT}7", DATE
    ds.StudyDate = ds.SeriesDate = ds.AcquisitionDate = ds.ContentDate = DATE
    ds.StudyTime = ds.SeriesTime = ds.AcquisitionTime = ds.ContentTime = TIME
    ds.AcquisitionDateTime = DATE + TIME
    for name in ("AccessionNumber", "StudyID", "StationName", "DeviceSerialNumber", "PatientComments", "ImageComments"):
        setattr(ds, name, TEXT)
    for name in ("InstitutionName", "InstitutionAddress", "SeriesDescription", "StudyDescription", "ProtocolName"):
        setattr(ds, name, f"{TEXT} <b>{DATE}</b>")
    ds.ReferringPhysicianName = ds.OperatorsName = ds.PerformingPhysicianName = f"DR^{TEXT}"
    ds.ConvolutionKernel, ds.Manufacturer, ds.ManufacturerModelName = TEXT, TEXT, TEXT
    ds.DateOfLastCalibration = NO_DATE
    item = Dataset()
    item.PatientName, item.ScheduledProcedureStepDescription, item.ReferencedSOPInstanceUID = TEXT, TEXT, f"{UID}.9"
    ds.RequestAttributesSequence = ds.OriginalAttributesSequence = Sequence([item])
    block = ds.private_block(0x0009, TEXT, create=True)
    block.add_new(1, "LO", TEXT)
    block.add_new(2, "OB", TEXT.encode() * 8)
    ds.add_new(0x60000022, "LO", TEXT)
    ds.add_new(0x60004000, "LT", TEXT)


def write(folder: Path, chest, series: int, edit=None) -> tuple[Path, ...]:
    def both(k: int, ds: Dataset) -> None:
        mark(ds, series, k)
        if edit is not None:
            edit(k, ds)

    paths = write_ct_series(folder, chest.hu, chest.affine_lps, seed=series, edit=both)
    named = []
    for k, path in enumerate(paths):
        path.write_bytes(PREAMBLE + path.read_bytes()[128:].replace(NO_DATE.encode(), TEXT.encode()))
        named.append(path.rename(folder / f"{TEXT}^JOHN_{DATE}_{k}.dcm"))
    return tuple(named)


def replace(path: Path, old: bytes, new: bytes) -> None:
    data = path.read_bytes()
    assert len(old) == len(new)
    assert old in data
    path.write_bytes(data.replace(old, new))


def break_codestream(k: int, ds: Dataset) -> None:
    ds.compress(JPEGLSLossless, encoding_plugin="pyjpegls", generate_instance_uid=False)
    if k == 5:
        ds.PixelData = ds.PixelData[:600] + TEXT.encode() * 16 + ds.PixelData[600 + 16 * len(TEXT) :]


@pytest.fixture(scope="module")
def slab(small_chest):
    """A few slices of the chest: what is searched for does not depend on how many there are."""
    affine = small_chest.affine_lps.copy()
    affine[:3, 3] += 16 * affine[:3, 2]
    return dataclasses.replace(small_chest, hu=small_chest.hu[16:28], affine_lps=affine)


@pytest.fixture(scope="module")
def export(tmp_path_factory, slab) -> Path:
    """A hospital's export: series that are read, warned of, refused, and that fail; and files beside them."""
    root = tmp_path_factory.mktemp("export") / f"{TEXT}^JOHN" / DATE
    write(root / TEXT / "ok", slab, 1)
    write(root / TEXT / "warned", slab, 2, lambda k, ds: setattr(ds, "LossyImageCompression", "01"))
    write(root / TEXT / "refused", slab, 3)[5].unlink()
    for path in write(root / TEXT / "odd_numbers", slab, 4):
        replace(path, b"2.5\\2.5 ", TEXT.encode())
    for path in write(root / TEXT / "odd_modality", slab, 5):
        replace(path, b"CS\x02\x00CT", b"CS\x02\x00ZZ")
    write(root / TEXT / "fails", slab, 6, break_codestream)
    zipped = write(root.parent / "to_zip", slab, 7)
    with zipfile.ZipFile(root / f"{TEXT}.zip", "w") as archive:
        archive.comment = TEXT.encode()
        for path in zipped:
            archive.write(path, f"{TEXT}/{path.name}")
    shutil.rmtree(root.parent / "to_zip")
    (root / f"{TEXT}.txt").write_text(TEXT)
    (root / f"{TEXT}.pdf").write_bytes(b"%PDF-1.4 " + TEXT.encode())
    for n, size in enumerate((300, 5000, 40000)):  # cut in the header, in the pixels, and one byte
        (root / f"{TEXT}_cut{n}").write_bytes((root / TEXT / "ok" / f"{TEXT}^JOHN_{DATE}_0.dcm").read_bytes()[:size])
    write_volume_files(root, slab)
    return root


def write_volume_files(root: Path, chest) -> None:
    ras = np.diag([-1.0, -1.0, 1.0, 1.0]) @ chest.affine_lps
    image = nibabel.Nifti1Image(chest.hu.T, ras)
    image.header["descrip"], image.header["aux_file"] = f"{TEXT} {DATE}", TEXT
    image.header["db_name"], image.header["intent_name"] = TEXT, TEXT
    nibabel.save(image, root / f"{TEXT}.nii.gz")
    (root / f"{TEXT}_broken.nii.gz").write_bytes(gzip.compress(TEXT.encode() * 1000))
    itk = sitk.GetImageFromArray(chest.hu)
    itk.SetMetaData("PatientName", TEXT)
    sitk.WriteImage(itk, str(root / f"{TEXT}.nrrd"))
    (root / f"{TEXT}_broken.mha").write_text(f"ObjectType = {TEXT}\nNDims = 3\nElementDataFile = {TEXT}\n")


CALLS = """
import json, sys
from resmtnet.pipelines.cli import main
print(json.dumps([main(arguments) for arguments in json.loads(sys.argv[1])]))
"""


def run(work: Path, *arguments: object) -> subprocess.CompletedProcess[bytes]:
    """Run the command in an empty folder that also takes its temporary files and cores."""
    return run_python(work, "-m", "resmtnet.pipelines.cli", *arguments)


def run_all(work: Path, *calls: list[object]) -> tuple[list[int], subprocess.CompletedProcess[bytes]]:
    """Run several calls in one process, for the cost of one start; their exit codes, and what was said."""
    outcome = run_python(work, "-c", CALLS, json.dumps([list(map(str, call)) for call in calls]))
    return json.loads(outcome.stdout.splitlines()[-1]), outcome


def run_python(work: Path, *arguments: object) -> subprocess.CompletedProcess[bytes]:
    for name in ("cwd", "tmp", "home"):
        (work / name).mkdir(parents=True, exist_ok=True)
    places = {"TMPDIR": str(work / "tmp"), "HOME": str(work / "home"), "XDG_CACHE_HOME": str(work / "home")}
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=work / "cwd",
        env={**os.environ, **places},
        capture_output=True,
        check=False,
    )


def contents(path: Path) -> bytes:
    data = path.read_bytes()
    return data + gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data


def is_dicom_result(path: Path) -> bool:
    return path.suffix == ".dcm" and "cases" in path.parts


def hits(work: Path, outcome: subprocess.CompletedProcess[bytes]) -> list[str]:
    """Every place that holds a marker: output streams, file names and contents.

    All but ``private/links.csv`` and the DICOM results, which belong to the patient as the scan does.
    """
    places = {"stdout": outcome.stdout, "stderr": outcome.stderr}
    for path in work.rglob("*"):
        relative = path.relative_to(work).as_posix()
        places[f"the name {relative}"] = relative.encode("utf-8", "surrogateescape")
        if path.is_file() and not relative.endswith("private/links.csv") and not is_dicom_result(path):
            places[relative] = contents(path)
    return [place for place, data in places.items() if any(found in data for found in MARKS)]


def test_the_search_finds_what_is_there(export, tmp_path):
    outcome = subprocess.CompletedProcess([], 0, TEXT.encode(), b"")
    shutil.copytree(export, tmp_path / "work")
    nifti = f"{TEXT}.nii.gz"
    found = hits(tmp_path / "work", outcome)
    assert {"stdout", nifti, f"the name {nifti}", f"{TEXT}/ok/{TEXT}^JOHN_{DATE}_0.dcm"} <= set(found)


def test_infer_tells_nothing(export, small_bundle, tmp_path):
    """Nor does an exception that quotes a path and a name, out of the middle of the network's transforms."""
    bundle = tmp_path / "bundle"
    shutil.copytree(small_bundle, bundle)
    config = json.loads((bundle / "configs" / "inference.json").read_text())
    config["preprocessing"]["transforms"].append(f"$lambda case: open('/none/{TEXT}')")
    (bundle / "configs" / "inference.json").write_text(json.dumps(config))
    work = tmp_path / "work"
    everything = ["--outputs", ",".join(OUTPUTS), "--min-probability", "0", "--max-findings", "2"]
    codes, outcome = run_all(
        work,
        ["infer", export, work / "out", "--bundle", small_bundle, "--device", "cpu", "--json", *everything],
        ["infer", export / TEXT / "ok", work / "fault", "--bundle", bundle, "--device", "cpu", "--no-links"],
    )
    assert codes == [3, 3]
    statuses = json.loads((work / "out" / "run.json").read_text())["cases_by_status"]
    assert statuses.keys() >= {"ok", "warned", "rejected", "failed"}
    (record,) = [json.loads(path.read_text()) for path in (work / "fault" / "cases").glob("*/case.json")]
    assert record["codes"][-1] == "F_PREPARE"
    assert hits(work, outcome) == []
    results = list((work / "out").glob("cases/*/dicom/**/*.dcm"))
    assert {path.name for path in results} >= {"segmentation.dcm", "report.dcm", "rtstruct.dcm", "finding_01.dcm"}
    for path in results:
        ds = pydicom.dcmread(path)
        assert (str(ds.PatientName), ds.PatientID, ds.PatientBirthDate) == (f"{TEXT}^JOHN", f"{TEXT}7", DATE)
        assert ds.StudyInstanceUID == f"{UID}.1"
    links = (work / "out" / "private" / "links.csv").read_text()
    assert TEXT in links  # the one place that says which case is which
    assert (work / "out" / "private").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("options", [[], ["--json", "-", "--headers-only"], ["--json", "-", "--repair=resample-gaps"]])
def test_ingest_tells_nothing(export, options, tmp_path):
    outcome = run(tmp_path, "ingest", export, *options)
    assert outcome.returncode == 3
    assert outcome.stdout
    assert hits(tmp_path, outcome) == []


@pytest.mark.parametrize("options", [[], ["--orthogonal", "--json", "-"]])
def test_convert_tells_nothing(export, options, tmp_path):
    outcome = run(tmp_path, "convert", export, tmp_path / "out", *options)
    assert outcome.returncode == 3
    assert len(list((tmp_path / "out").glob("*.nii.gz"))) >= 3
    assert hits(tmp_path, outcome) == []


def test_deidentify_tells_nothing(export, tmp_path):
    """Not even in the DICOM files that it writes, but for what says how an image was made."""
    source = tmp_path / "in" / f"{TEXT}^JOHN"
    shutil.copytree(export, source)
    for path in (source / TEXT / "ok").iterdir():
        ds = pydicom.dcmread(path)
        del ds.Manufacturer, ds.ManufacturerModelName, ds.ConvolutionKernel
        ds.save_as(path)
    for other in ("warned", "refused", "odd_numbers", "odd_modality", "fails"):
        shutil.rmtree(source / TEXT / other)
    (source / f"{TEXT}.zip").unlink()
    work = tmp_path / "work"
    outcome = run(work, "deidentify", source, work / "out", "--key", work / "key", "--dates=removed", "--json=-")
    assert outcome.returncode == 3  # the files that were cut
    assert sum(record["written"] for record in json.loads(outcome.stdout)) >= 12
    assert len(list((work / "out").rglob("*.dcm"))) >= 12
    assert hits(work, outcome) == []


def test_a_faulty_call_tells_nothing(export, tmp_path):
    calls = [[command, export / "none", *["out"] * (command != "ingest")] for command in ("infer", "ingest", "convert")]
    codes, outcome = run_all(tmp_path, *calls)
    assert codes == [5, 5, 5]
    assert outcome.stderr.count(b"does not exist") == 3
    assert hits(tmp_path, outcome) == []
