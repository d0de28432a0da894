from __future__ import annotations

import io
import json
import os
import zipfile
from dataclasses import replace

import pydicom
import pytest
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian, ImplicitVRLittleEndian

from resmtnet.pipelines.ingest.ingest_error import IngestError
from resmtnet.pipelines.ingest.plan_scans import plan_scans
from resmtnet.pipelines.ingest.read_volume import read_volume
from resmtnet.pipelines.phantom.code_as import code_as
from resmtnet.pipelines.results.dicom.identity_of import identity_of, without_identity
from resmtnet.pipelines.results.dicom.segmentation_dcm import segmentation_dcm
from resmtnet.pipelines.results.dicom.source_headers import source_headers
from resmtnet.pipelines.results.write_case import write_case

ODD_SEX = "female"  # not in the standard: highdicom refuses it, and a PACS has it all the same
WORDS = ("PatientName", "PatientID", "PatientBirthDate", "PatientSex", "AccessionNumber", "StudyDescription")


def as_syntax(syntax):
    def change(folder):
        for path in folder.iterdir():
            code_as(path, syntax)

    return change


def without_preamble(folder):
    for path in folder.iterdir():
        path.write_bytes(path.read_bytes()[132:])


def encoded(case):
    data = segmentation_dcm(*case)
    assert data is not None
    return pydicom.dcmread(io.BytesIO(data))


@pytest.mark.parametrize(
    "after",
    [
        as_syntax(ImplicitVRLittleEndian),
        as_syntax(ExplicitVRBigEndian),
        as_syntax(DeflatedExplicitVRLittleEndian),
        without_preamble,
    ],
    ids=["implicit", "big endian", "deflated", "no preamble"],
)
def test_one_header_per_slice_in_order_and_the_patient_unchanged(make_dicom_case, after):
    result, volume = make_dicom_case(after=after)
    headers = source_headers(volume)
    assert headers is not None
    assert [str(h.SOPInstanceUID) for h in headers] == [s.sop_instance_uid for s in volume.plan.slices]
    assert [float(h.ImagePositionPatient[2]) for h in headers] == [s.position_lps[2] for s in volume.plan.slices]
    assert all("PixelData" not in h for h in headers)
    seg = encoded((result, volume))
    assert (seg.PatientName, seg.PatientID, seg.Rows) == ("CANARY^Émile^^Dr", "CANARY-7", headers[0].Rows)


def test_an_enhanced_file_has_one_header(make_dicom_case):
    headers = source_headers(make_dicom_case("enhanced")[1])
    assert headers is not None
    assert len(headers) == 1
    assert len(headers[0].PerFrameFunctionalGroupsSequence) == 24


def test_members_of_a_zip(make_dicom_case, tmp_path):
    result, volume = make_dicom_case()
    folder = volume.plan.slices[0].path.parent
    (tmp_path / "zipped").mkdir()
    with zipfile.ZipFile(tmp_path / "zipped" / "scan.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for path in folder.iterdir():
            archive.write(path, f"a/{path.name}")
    (plan,) = plan_scans(tmp_path / "zipped").plans
    assert segmentation_dcm(result, read_volume(plan)) == segmentation_dcm(result, volume)


def test_a_file_that_changed_is_refused(make_dicom_case):
    _, volume = make_dicom_case(own=True)
    path = volume.plan.slices[3].path
    ds = pydicom.dcmread(path)
    ds.PatientName = "Somebody^Else"
    ds.save_as(path)
    os.utime(path, ns=(1, 1))
    with pytest.raises(IngestError) as raised:
        source_headers(volume)
    assert raised.value.code == "E_FILE_CHANGED"


@pytest.mark.parametrize("zipped", [False, True])
def test_without_its_files_a_case_is_written_and_nothing_is_told(make_dicom_case, tmp_path, capfd, zipped):
    result, volume = make_dicom_case(own=True)
    paths = [source.path for source in volume.plan.slices]
    if zipped:
        archive = tmp_path / "CANARY.zip"
        with zipfile.ZipFile(archive, "w") as made:
            for path in paths:
                made.write(path, f"CANARY/{path.name}")
        (plan,) = plan_scans(tmp_path).plans
        volume, paths = read_volume(plan), [archive]
    paths[0].unlink()
    with pytest.raises(IngestError) as raised:
        source_headers(volume)
    assert raised.value.code == "E_UNREADABLE"
    wanted = replace(result, outputs=("json", "nifti", "seg", "sr", "sc", "rtstruct"))
    folder = write_case(tmp_path / "output", wanted, volume)
    record = json.loads((folder / "case.json").read_text())
    assert record["status"] == "warned"
    assert len(record["findings"]) == 2
    assert sum(note.startswith("W_FILE_NOT_MADE (dicom/") for note in record["notes"]) == 5
    assert "CANARY" not in json.dumps(record) + str(raised.value) + "".join(capfd.readouterr())
    assert not (folder / "dicom").exists()


def test_no_dicom_no_headers(make_case):
    _, volume = make_case()
    assert source_headers(volume) is None
    assert source_headers(replace(volume, plan=replace(volume.plan, kind="nifti"))) is None


def test_without_a_frame_of_reference_there_are_none(make_dicom_case):
    case = make_dicom_case(edit=lambda k, ds: delattr(ds, "FrameOfReferenceUID"))
    assert source_headers(case[1]) is None
    assert segmentation_dcm(*case) is None


def test_odd_and_missing_values_go_through_as_they_are(make_dicom_case, capfd, caplog):
    def edit(k, ds):
        ds.PatientSex, ds.PatientBirthDate = ODD_SEX, "02.01.1950"
        ds.PatientName = "CANARY-" + "x" * 70
        ds.add_new(0x00101040, "LO", "CANARY street 1")
        ds.add_new(0x00091001, "LO", "CANARY private")
        for missing in ("StudyTime", "StudyID", "ReferringPhysicianName", "SliceThickness", "SpecificCharacterSet"):
            delattr(ds, missing)

    with pytest.warns(UserWarning, match="Invalid value|exceeds the maximum"):  # of the writer of the phantom
        case = make_dicom_case(edit=edit)
    seg = encoded(case)
    assert (seg.PatientSex, seg.PatientBirthDate, str(seg.PatientName)) == (ODD_SEX, "02.01.1950", "CANARY-" + "x" * 70)
    assert seg[0x00101040].value == "CANARY street 1"
    assert 0x00091001 not in seg
    assert (seg.StudyTime, seg.StudyID, seg.ReferringPhysicianName) == ("", "", "")
    assert "SliceThickness" not in seg.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0]
    assert "CANARY" not in caplog.text + "".join(capfd.readouterr())


def test_identity_is_split_off_and_nothing_of_it_left(make_dicom_case):
    (header, *_) = source_headers(make_dicom_case()[1])
    identity, rest = identity_of(header), without_identity(header)
    assert [identity.get(name) for name in WORDS] == [header.get(name) for name in WORDS]
    assert "CANARY" not in str(rest)
    assert rest.StudyInstanceUID == identity.StudyInstanceUID == header.StudyInstanceUID
    assert (rest.Rows, rest.SOPInstanceUID) == (header.Rows, header.SOPInstanceUID)
    assert "ImagePositionPatient" not in identity
