"""The places where identities are forgotten, one by one."""

from __future__ import annotations

import struct

import pytest
from pydicom.datadict import tag_for_keyword
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.tag import Tag
from pydicom.uid import generate_uid

CANARY = "ZZCANARY"


def item(**values: object) -> Dataset:
    ds = Dataset()
    for keyword, value in values.items():
        setattr(ds, keyword, value)
    return ds


def original_attributes(ds: Dataset) -> None:
    old = item(PatientName=CANARY, PatientID=CANARY)
    change = item(ModifiedAttributesSequence=Sequence([old]), ModifyingSystem=CANARY, SourceOfPreviousValues=CANARY)
    ds.OriginalAttributesSequence = Sequence([change])


def request_attributes(ds: Dataset) -> None:
    request = item(AccessionNumber=CANARY, RequestedProcedureID=CANARY, StudyInstanceUID=f"1.2.{'9' * 20}")
    ds.RequestAttributesSequence = Sequence([request])


def nested_in_a_kept_sequence(ds: Dataset) -> None:
    image = item(ReferencedSOPClassUID=ds.SOPClassUID, ReferencedSOPInstanceUID=generate_uid(), PatientName=CANARY)
    image.PurposeOfReferenceCodeSequence = Sequence(
        [item(CodeValue="121322", CodingSchemeDesignator="DCM", CodeMeaning=CANARY, OperatorsName=CANARY)]
    )
    ds.SourceImageSequence = Sequence([image])


def local_code(ds: Dataset) -> None:
    code = item(CodeValue=CANARY, CodingSchemeDesignator="99ZZ", CodeMeaning=CANARY, CodingSchemeVersion=CANARY)
    ds.AnatomicRegionSequence = Sequence([code])


def overlay(ds: Dataset) -> None:
    ds.add_new(0x60000010, "US", 8)
    ds.add_new(0x60000022, "LO", CANARY)
    ds.add_new(0x60003000, "OW", CANARY.encode())
    ds.add_new(0x60021500, "LO", CANARY)


def curve(ds: Dataset) -> None:
    ds.add_new(0x50000030, "SH", CANARY)
    ds.add_new(0x50003000, "OW", CANARY.encode())


def private(ds: Dataset) -> None:
    block = ds.private_block(0x0029, CANARY, create=True)
    block.add_new(0x10, "LO", CANARY)
    block.add_new(0x11, "SQ", Sequence([item(PatientName=CANARY)]))


def comments(ds: Dataset) -> None:
    ds.ImageComments = ds.PatientComments = ds.FrameComments = CANARY
    ds.SeriesDescription = ds.StudyDescription = ds.ProtocolName = ds.DerivationDescription = CANARY
    ds.WindowCenterWidthExplanation = CANARY


def encapsulated(ds: Dataset) -> None:
    ds.EncapsulatedDocument = CANARY.encode()
    ds.ICCProfile = CANARY.encode()
    ds.GPSMapDatum = CANARY
    ds.IconImageSequence = Sequence([item(PixelData=CANARY.encode())])
    ds.IconImageSequence[0]["PixelData"].VR = "OB"


def trailing(ds: Dataset) -> None:
    ds.DataSetTrailingPadding = CANARY.encode()
    ds.DigitalSignaturesSequence = Sequence([item(CertificateOfSigner=CANARY.encode())])
    ds.MACParametersSequence = Sequence([item(MACAlgorithm=CANARY)])
    ds.add_new(0x00080000, "UL", 98989898)


def file_meta(ds: Dataset) -> None:
    meta = ds.file_meta
    meta.SourceApplicationEntityTitle = meta.SendingApplicationEntityTitle = CANARY
    meta.ReceivingApplicationEntityTitle = meta.ImplementationVersionName = CANARY
    meta.PrivateInformationCreatorUID = "1.2.3.4"
    meta.PrivateInformation = CANARY.encode()
    ds.preamble = (CANARY * 16).encode()


def body_part_that_is_none(ds: Dataset) -> None:
    ds.BodyPartExamined = CANARY


TRAPS = [
    *(original_attributes, request_attributes, nested_in_a_kept_sequence, local_code, overlay, curve, private),
    *(comments, encapsulated, trailing, file_meta, body_part_that_is_none),
]


@pytest.mark.parametrize("trap", TRAPS, ids=lambda trap: trap.__name__)
def test_nothing_of_a_trap_survives(deidentify, ct, trap):
    (path,) = ct(edit=lambda k, ds: trap(ds))
    assert CANARY.encode() in path.read_bytes().upper()
    outcome = deidentify(path.parent)
    assert outcome.written == 1
    assert CANARY.encode() not in outcome.all_bytes.upper()
    assert b"98989898" not in outcome.all_bytes


def test_file_meta_and_preamble_are_our_own(deidentify, ct):
    (path,) = ct(edit=lambda k, ds: file_meta(ds))
    outcome = deidentify(path.parent)
    (ds,) = outcome.datasets
    assert outcome.files[0].read_bytes()[:128] == bytes(128)
    assert ds.file_meta.MediaStorageSOPInstanceUID == ds.SOPInstanceUID
    assert {element.tag.element for element in ds.file_meta} == {0x00, 0x01, 0x02, 0x03, 0x10, 0x12, 0x13}


def test_names_of_files_and_folders_are_not_taken_over(deidentify, ct):
    ct(folder=f"in/{CANARY}^JOHN")
    (tmp,) = {path.parents[1] for path in ct(folder=f"in/{CANARY}^JOHN")}
    outcome = deidentify(tmp)
    assert outcome.written == 1
    assert CANARY.encode() not in outcome.all_bytes


def test_the_profile_is_recorded_as_what_was_done(deidentify, ct):
    (path,) = ct()
    (ds,) = deidentify(path.parent, dates="removed", device_identity=True).datasets
    assert ds.PatientIdentityRemoved == "YES"
    assert ds.LongitudinalTemporalInformationModified == "REMOVED"
    assert [code.CodeValue for code in ds.DeidentificationMethodCodeSequence] == ["113100", "113109"]
    assert all(len(part) <= 64 for part in ds.DeidentificationMethod)


def test_a_code_keeps_its_value_and_takes_the_wording_of_the_standard(deidentify, ct):
    (path,) = ct(edit=lambda k, ds: nested_in_a_kept_sequence(ds))
    (ds,) = deidentify(path.parent).datasets
    (code,) = ds.SourceImageSequence[0].PurposeOfReferenceCodeSequence
    assert (code.CodeValue, code.CodingSchemeDesignator) == ("121322", "DCM")
    assert code.CodeMeaning == "Source image for image processing operation"


def raw(keyword: str, vr: str, value: bytes) -> bytes:
    tag = Tag(tag_for_keyword(keyword))
    head = struct.pack("<HH2s", tag.group, tag.element, vr.encode())
    return (
        head + (struct.pack("<HL" if vr in ("UN", "OB") else "<H", *([0] * (vr in ("UN", "OB"))), len(value))) + value
    )


@pytest.mark.parametrize(
    ("keyword", "vr", "value"),
    [
        ("KVP", "DS", b"ZZCANARY"),
        ("KVP", "UN", b"ZZCANARY"),
        ("ReferencedImageSequence", "UN", b"ZZCANARY"),
        ("PatientName", "UN", b"ZZCANARY"),
        ("SeriesNumber", "IS", b"ZZCANARY"),
        ("StudyDate", "DA", b"ZZCANARY"),
        ("ContentTime", "TM", b"ZZCANARY"),
        ("ScanOptions", "CS", b"zzCANARY"),
        ("ScanOptions", "UN", b"zzCANARY"),
        ("ConvolutionKernel", "SH", b"DOE^ZZCANARY"),
        ("ConvolutionKernel", "OB", b"ZZCANARY"),
        ("ManufacturerModelName", "LO", b"http://ZZCANARY "),
        ("ReferencedImageSequence", "LO", b"ZZCANARY"),
    ],
)
def test_a_value_that_is_not_of_its_vr_goes(deidentify, ct, keyword, vr, value):
    (path,) = ct()
    path.write_bytes(path.read_bytes() + raw(keyword, vr, value))  # the later of two elements counts
    outcome = deidentify(path.parent)
    assert outcome.written == 1
    assert CANARY.encode() not in outcome.all_bytes.upper()


@pytest.mark.parametrize(
    ("scheme", "value", "kept"),
    [
        ("DCM", "121322", True),
        ("DCM", "139999", True),  # newer than the list at hand
        ("SRT", "T-28000", True),
        ("UCUM", "[hnsf'U]", True),
        ("UCUM", "mm2/s", True),
        ("UCUM", "{JOHN DOE}", False),
        ("DCM", "JOHN DOE", False),
        ("SCT", "19500317 DOE", False),
        ("99SITE", "12345", False),
    ],
)
def test_a_code_gets_through_only_as_a_code(deidentify, ct, scheme, value, kept):
    code = item(CodeValue=value, CodingSchemeDesignator=scheme, CodeMeaning="x")
    (path,) = ct(edit=lambda k, ds: setattr(ds, "AnatomicRegionSequence", Sequence([code])))
    (made,) = deidentify(path.parent).datasets[0].AnatomicRegionSequence
    assert ((made.CodingSchemeDesignator, made.CodeValue) == (scheme, value)) == kept
    assert kept or (made.CodingSchemeDesignator == "99RESMTNET" and value not in str(made))
