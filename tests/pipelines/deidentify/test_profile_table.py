"""Every attribute of PS3.15 table E.1-1 (as the package dicom-anonymizer holds it), filled with a canary."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom.datadict import dictionary_has_tag, dictionary_VR, keyword_for_tag, tag_for_keyword
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.tag import Tag
from pydicom.uid import ExplicitVRBigEndian, ImplicitVRLittleEndian

from resmtnet.pipelines.deidentify.allow_list import Rule, allow_list
from resmtnet.pipelines.deidentify.options import DeidentifyOptions
from resmtnet.pipelines.phantom.dicom_series import write_ct_series

fields = pytest.importorskip("dicomanonymizer.dicom_anonymization_databases.dicomfields_2026c")

CANARIES: dict[str, Any] = {
    **dict.fromkeys(("LO", "LT", "PN", "SH", "ST", "UC", "UT"), "ZZCANARY"),
    **dict.fromkeys(("AE", "CS"), "ZZCANARY"),
    "UR": "http://ZZCANARY.invalid",
    "UI": "1.2.3.98989898.7",
    "AS": "037Y",
    "DA": "19530417",
    "DT": "19530417131717.171717",
    "TM": "131717.171717",
    "DS": "98.989898",
    "IS": "98989898",
    **dict.fromkeys(("FD", "FL"), 98.5),
    **dict.fromkeys(("US", "SS"), 9898),
    **dict.fromkeys(("UL", "SL"), 98989898),
    **dict.fromkeys(("OB", "OW", "UN", "OB or OW"), b"ZZCANARY"),
}
LOOSE = {tuple(tag) for tag in fields.ALL_TAGS}
TAGS = sorted(
    {Tag(tag) for tag in LOOSE if len(tag) == 2 and tag[0] > 2} | {Tag(0x5000, 0x3000)} | {Tag(0x6000, 0x3000)}
)


def vr_of(tag: int) -> str:
    return dictionary_VR(tag) if dictionary_has_tag(tag) else "UT"  # newer than pydicom's dictionary


PLAIN = [tag for tag in TAGS if vr_of(tag) != "SQ"]
NESTS = [tag for tag in TAGS if vr_of(tag) == "SQ"]
ALLOWED_NESTS = [
    *("SourceImageSequence", "ReferencedSeriesSequence", "SharedFunctionalGroupsSequence", "ContentSequence"),
    *("AnatomicRegionSequence", "RTROIObservationsSequence", "ConceptNameCodeSequence"),
]


def plant(ds: Dataset) -> None:
    for tag in PLAIN:
        vr = vr_of(tag)
        ds.add_new(tag, "OB" if vr == "OB or OW" else vr, CANARIES[vr])


def plant_everywhere(ds: Dataset) -> None:
    for nest in [*NESTS, *map(tag_for_keyword, ALLOWED_NESTS)]:
        item = Dataset()
        plant(item)
        ds.add_new(nest, "SQ", Sequence([item]))
    deep = Dataset()
    plant(deep)
    ds.SourceImageSequence[0].DerivationImageSequence = Sequence([Dataset()])
    ds.SourceImageSequence[0].DerivationImageSequence[0].SourceImageSequence = Sequence([deep])
    plant(ds)
    ds.file_meta.MediaStorageSOPInstanceUID = CANARIES["UI"]


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("planted")
    hu = np.zeros((1, 6, 8), np.int16)
    write_ct_series(folder, hu, np.diag([0.7, 0.8, 2.5, 1.0]), edit=lambda k, ds: plant_everywhere(ds))
    return folder


def survivors(datasets: list[Dataset]) -> set[str]:
    found = set()
    for ds in datasets:
        for element in ds.iterall():
            values = element.value if element.VM > 1 else [element.value]
            canary = CANARIES[vr_of(element.tag)] if element.tag in PLAIN else None
            if element.VR != "SQ" and canary is not None and any(str(value) == str(canary) for value in values):
                found.add(element.keyword)
    return found


def test_the_table_is_the_whole_one():
    assert len(fields.ALL_TAGS) > 600
    assert len(PLAIN) > 450
    assert keyword_for_tag(PLAIN[0])


@pytest.mark.parametrize(
    ("options", "kept"),
    [
        ({}, set()),
        ({"dates": "removed"}, set()),
        ({"patient_characteristics": True}, {"PatientAge", "PatientSize", "PatientWeight"}),
        ({"device_identity": True}, {"DeviceSerialNumber", "StationName", "GantryID", "DetectorID"}),
        ({"institution_identity": True}, {"InstitutionName", "InstitutionAddress", "InstitutionalDepartmentName"}),
    ],
)
def test_no_canary_of_the_table_survives_but_by_an_option(deidentify, planted, options, kept):
    assert b"".join(path.read_bytes() for path in planted.iterdir()).count(b"ZZCANARY") > 10_000
    outcome = deidentify(planted, **options)
    assert outcome.written == 1
    times = {"StudyTime", "SeriesTime", "AcquisitionTime", "ContentTime", "StructureSetTime", "Time"}
    # a time of day stays with modified dates
    by_dates = set() if options.get("dates") == "removed" else times
    assert survivors(outcome.datasets) - by_dates == kept
    if not kept - {"PatientAge", "PatientSize", "PatientWeight"}:
        assert b"ZZCANARY" not in outcome.all_bytes
    for canary in (CANARIES["UI"], CANARIES["DA"], CANARIES["DT"], str(98989898)):
        assert canary.encode() not in outcome.all_bytes


@pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, ExplicitVRBigEndian], ids=lambda uid: uid.name)
def test_no_canary_survives_in_the_other_codings(deidentify, planted, tmp_path, syntax):
    (path,) = planted.iterdir()
    (tmp_path / "in").mkdir()
    ds = pydicom.dcmread(path)
    ds.file_meta.TransferSyntaxUID = syntax
    implicit, little = syntax == ImplicitVRLittleEndian, syntax != ExplicitVRBigEndian
    pydicom.dcmwrite(tmp_path / "in" / "1", ds, implicit_vr=implicit, little_endian=little, force_encoding=True)
    outcome = deidentify(tmp_path / "in", dates="removed")
    assert outcome.written == 1
    assert survivors(outcome.datasets) == set()
    assert b"ZZCANARY" not in outcome.all_bytes


def test_pseudonyms_stand_where_the_patient_was(deidentify, planted):
    (ds,) = deidentify(planted).datasets
    assert ds.PatientID == str(ds.PatientName)
    assert ds.PatientBirthDate == ""
    assert ds.AccessionNumber == ""


def test_no_value_of_the_table_is_on_the_list_as_it_is():
    kept = {tag for tag, rule in allow_list(DeidentifyOptions()).items() if rule is Rule.KEEP}
    assert len(kept) > 150
    assert not kept & set(map(int, TAGS))


def test_every_uid_of_the_table_that_is_on_the_list_is_mapped():
    uids = {int(Tag(tag)) for tag in fields.U_TAGS}
    rules = allow_list(DeidentifyOptions())
    assert {rules[tag] for tag in uids & set(rules)} == {Rule.UID}
