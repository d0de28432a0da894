"""The walk over elements against pydicom's parser, and on bytes that are no data set."""

from __future__ import annotations

import io
from pathlib import Path

import pydicom
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.dataset import Dataset

from resmtnet.pipelines.ingest.header.element_walk import ElementWalk, EndOfBytesError, Place
from resmtnet.pipelines.ingest.ingest_error import IngestError

FOLDER = Path(pydicom.__file__).parent / "data" / "test_files"
FILES = (
    "CT_small.dcm", "MR_small_bigendian.dcm", "MR_small_implicit.dcm", "priv_SQ.dcm", "nested_priv_SQ.dcm",
    "UN_sequence.dcm", "rtplan.dcm", "reportsi.dcm", "test-SR.dcm", "liver_1frame.dcm",
    "waveform_ecg.dcm", "dicomdirtests/DICOMDIR", "dicomdirtests/TINY_ALPHA/PT000000/ST000000/SE000000/IM000000",
)  # fmt: skip
PIXEL_DATA = 0x7FE00010
MARKS = ("feff00e0", "feff0de0", "feffdde0", "ffffffff", "00000000", "53510000", "554e0000")  # items, lengths, SQ, UN
PARTS = [bytes.fromhex(mark) for mark in MARKS]


@pytest.mark.parametrize("name", FILES)
def test_elements_are_those_of_pydicom(name):
    ds = pydicom.dcmread(FOLDER / name)
    data, syntax = (FOLDER / name).read_bytes(), ds.file_meta.TransferSyntaxUID
    offset = 132 + 12 + ds.file_meta.FileMetaInformationGroupLength
    walk = ElementWalk(data, syntax.is_little_endian)
    found = dict(walk.elements(Place(offset, len(data), syntax.is_implicit_VR), PIXEL_DATA))
    raw = {int(tag): ds.get_item(tag).value for tag in ds.keys() if tag < PIXEL_DATA}  # noqa: SIM118 - iterating gives elements
    assert {tag for tag in found if tag < PIXEL_DATA} == raw.keys()
    for tag, value in raw.items():
        if isinstance(value, bytes):  # pydicom has parsed the sequences of undefined length
            assert data[found[tag].start : found[tag].end] == value


@pytest.mark.parametrize("defined", [True, False])
def test_items_of_a_sequence(defined):
    ds = Dataset()
    ds.ReferencedImageSequence = [Dataset() for _ in range(3)]
    for n, item in enumerate(ds.ReferencedImageSequence):
        item.InstanceNumber = n
        item.PurposeOfReferenceCodeSequence = [Dataset()]
        item.is_undefined_length_sequence_item = not defined
    ds["ReferencedImageSequence"].is_undefined_length = not defined
    stream = io.BytesIO()
    ds.save_as(stream, implicit_vr=False, little_endian=True)
    walk = ElementWalk(stream.getvalue(), True)
    ((tag, sequence),) = walk.elements(Place(0, len(stream.getvalue()), False))
    assert tag == 0x00081140
    items = [dict(walk.elements(item)) for item in walk.items(sequence)]
    numbers = [walk.data[item[0x00200013].start : item[0x00200013].end] for item in items]
    assert numbers == [b"0 ", b"1 ", b"2 "]
    assert all(item.keys() == {0x00200013, 0x0040A170} for item in items)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(PARTS), st.binary(max_size=12)), max_size=40), st.booleans(), st.booleans())
def test_any_bytes_end_in_a_code_or_in_more_bytes_wanted(parts, implicit, little_endian):
    data = b"".join(parts)
    walk = ElementWalk(data, little_endian)
    try:
        for _, place in walk.elements(Place(0, len(data), implicit)):
            assert place.start >= 0
            assert place.end == -1 or place.end >= place.start
            for item in walk.items(place) if place.end >= 0 else ():
                assert item.end <= len(data)
    except (IngestError, EndOfBytesError):
        pass
