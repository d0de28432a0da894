"""Sources as hospitals have them: names in any character set, values that are not in the standard, a tilted gantry."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset

ONE_OF_EACH_MAKER = ("segmentation_dcm", "rtstruct_dcm")  # by highdicom, by hand
CHARACTER_SET, NAME, ADDRESS = 0x00080005, 0x00100010, 0x00101040
CHARACTER_SETS = {
    "Latin-1": (b"ISO_IR 100", "MÜLLER^Zoë".encode("latin-1")),
    "Latin-1 undeclared": (b"", "MÜLLER^Zoë".encode("latin-1")),
    "UTF-8": (b"ISO_IR 192", "Wang^XiaoDong=王^小东".encode()),
    "UTF-8 undeclared": (b"", "MÜLLER^Zoë".encode()),
    "Latin-1 declared UTF-8": (b"ISO_IR 192", "MÜLLER^Zoë".encode("latin-1")),
    "Japanese": (
        b"\\ISO 2022 IR 87",  # as in PS3.5 H.3.1
        b"Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B=\x1b$B$d$^$@\x1b(B^\x1b$B$?$m$&\x1b(B",
    ),
    "Korean": (b"\\ISO 2022 IR 149", b"Hong^Gildong=\x1b$)C\xfb\xf3^\x1b$)C\xd1\xce\xd4\xd7="),  # PS3.5 I.2
    "Chinese": (b"GB18030", "Wang^XiaoDong=王^小东".encode("gb18030")),
    "unknown": (b"ISO_IR 999", "MÜLLER^Zoë".encode("latin-1")),
}
ODD_VALUES = (
    (0x00101030, "DS", b"70,5"),  # weight
    (0x00101020, "DS", b"1,80"),  # size
    (0x00101010, "AS", b"70 years"),  # age
    (0x001021C0, "US", b"\x04\x00"),  # children
    (0x00181150, "IS", b"12.5"),  # exposure time
    (0x00180060, "DS", b"about 120"),  # voltage
    (0x00200011, "IS", b"4a"),  # series number
    (0x00180050, "DS", b"1,25"),  # thickness
    (0x00282112, "DS", b"much"),  # loss
    (0x00201040, "LO", b"\xff" * 80),  # position reference
    (0x00100030, "DA", b"02.01.50"),  # birth date
    (0x00080023, "DA", b"yesterday "),  # content date
)


UNDEFINED = 0xFFFFFFFF
Elements = Mapping[int, tuple[str, bytes]]


def with_elements(changes: Elements) -> Callable[[Path], None]:
    """Put values into explicit little endian files byte by byte: a library would mend them."""

    def change(folder: Path) -> None:
        for path in folder.iterdir():
            data = path.read_bytes()
            elements = elements_of(data)
            for tag, (name, value) in changes.items():
                head = struct.pack("<HH2sH", tag >> 16, tag & 0xFFFF, name.encode(), len(value) + len(value) % 2)
                elements[tag] = head + value + b" " * (len(value) % 2)
            path.write_bytes(data[:132] + b"".join(elements[tag] for tag in sorted(elements)))

    return change


def stored(data: bytes, tag: int) -> bytes:
    return elements_of(data)[tag][8:].rstrip(b" ")


def elements_of(data: bytes) -> dict[int, bytes]:
    """Top-level elements of an explicit little endian file up to its pixels or first sequence without length."""
    offset, elements = 132, {}
    while offset < len(data):
        group, element, vr = struct.unpack_from("<HH2s", data, offset)
        wide = vr in (b"OB", b"OW", b"SQ", b"UT", b"UN")
        start = offset + (12 if wide else 8)
        (length,) = struct.unpack_from("<I" if wide else "<H", data, start - (4 if wide else 2))
        if length == UNDEFINED:
            break
        elements[group << 16 | element] = data[offset : start + length]
        offset = start + length
    return elements


@pytest.mark.parametrize("name", CHARACTER_SETS)
def test_the_patient_has_the_same_bytes(make_dicom_case, all_objects, name: str, capfd, caplog) -> None:
    declared, patient = CHARACTER_SETS[name]
    address = patient.partition(b"=")[0]

    changes = {CHARACTER_SET: ("CS", declared), NAME: ("PN", patient), ADDRESS: ("LO", address)}
    result, volume = make_dicom_case(after=with_elements(changes))
    for made in all_objects(result, volume, ONE_OF_EACH_MAKER).values():
        assert (stored(made, NAME), stored(made, ADDRESS), stored(made, CHARACTER_SET)) == (patient, address, declared)
    assert (caplog.text, *capfd.readouterr()) == ("", "", "")


def test_values_that_are_none_cost_no_object(make_dicom_case, all_objects, capfd, caplog) -> None:
    result, volume = make_dicom_case(after=with_elements({tag: (vr, value) for tag, vr, value in ODD_VALUES}))
    for made in all_objects(result, volume).values():
        for tag, _, value in ODD_VALUES:
            if tag >> 16 == 0x0010:
                assert stored(made, tag) == value
    assert (caplog.text, *capfd.readouterr()) == ("", "", "")


def test_empty_and_missing_identity(make_dicom_case, all_objects, dicom_errors) -> None:
    def edit(k: int, ds: Dataset) -> None:
        ds.PatientID, ds.AccessionNumber = "", "A-0815"
        for name in ("StudyID", "PatientBirthDate", "PatientSex", "ReferringPhysicianName", "StudyDescription"):
            delattr(ds, name)

    for made in all_objects(*make_dicom_case(edit=edit)).values():
        ds = pydicom.dcmread(io.BytesIO(made))
        assert (ds.PatientID, ds.AccessionNumber) == ("", "A-0815")
        assert (ds.StudyID, ds.PatientBirthDate, ds.PatientSex, str(ds.ReferringPhysicianName)) == ("", "", "", "")
        assert "StudyDescription" not in ds
        if ds.Modality != "SEG" or ds.SegmentationType != "LABELMAP":  # which dciodvfy does not know
            assert dicom_errors(made) == []


def test_a_tilted_gantry(make_dicom_case, all_objects, dicom_errors) -> None:
    """Rows along x, columns tilted by 20 degrees, the table moved along z: as scanners write it."""
    tilt = np.deg2rad(20)

    def edit(k: int, ds: Dataset) -> None:
        ds.GantryDetectorTilt = 20
        ds.ImageOrientationPatient = [1, 0, 0, 0, round(np.cos(tilt), 6), round(-np.sin(tilt), 6)]
        ds.ImagePositionPatient = [18.85, -51.95, -143.25 + 2 * k]

    result, volume = make_dicom_case(edit=edit)
    assert volume.codes == ("W_GANTRY_TILT",)
    made = all_objects(result, volume)
    assert {name: dicom_errors(data) for name, data in made.items() if "labelmap" not in name} == {
        name: [] for name in made if "labelmap" not in name
    }
    seg = pydicom.dcmread(io.BytesIO(made["segmentation_dcm"]))
    shared = seg.SharedFunctionalGroupsSequence[0]
    assert shared.PixelMeasuresSequence[0].SpacingBetweenSlices == pytest.approx(2 * np.cos(tilt), abs=1e-5)
    places = [group.PlanePositionSequence[0].ImagePositionPatient for group in seg.PerFrameFunctionalGroupsSequence]
    # the centroid of the frames' pixels is that of the finding, whichever way the slices lean
    axes = np.array(shared.PlaneOrientationSequence[0].ImageOrientationPatient, float).reshape(2, 3)
    numbers = [
        group.SegmentIdentificationSequence[0].ReferencedSegmentNumber for group in seg.PerFrameFunctionalGroupsSequence
    ]
    for finding in result.findings:
        points = [
            np.array(place, float) + np.argwhere(frame)[:, ::-1] * [0.9, 1.1] @ axes
            for place, frame, number in zip(places, seg.pixel_array, numbers, strict=True)
            if number == finding.finding_id
        ]
        np.testing.assert_allclose(np.concatenate(points).mean(axis=0), finding.centre_lps_mm, atol=0.5)
