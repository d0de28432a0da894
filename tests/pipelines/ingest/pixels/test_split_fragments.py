"""Which bytes are which frame, by hand-made offset tables (DICOM PS3.5 A.4)."""

from __future__ import annotations

import struct

import pytest

from resmtnet.pipelines.ingest.ingest_error import IngestError
from resmtnet.pipelines.ingest.pixels.split_fragments import split_fragments

A, B, C = b"aa", b"bbbb", b"cccccc"  # with their item headers they begin at 0, 10 and 22


def encapsulated(table, *bodies):
    items = (struct.pack(f"<{len(table)}I", *table), *bodies)
    coded = b"".join(b"\xfe\xff\x00\xe0" + struct.pack("<I", len(item)) + item for item in items)
    return coded + b"\xfe\xff\xdd\xe0" + bytes(4)


@pytest.mark.parametrize(
    ("table", "frames"),
    [
        ([], (A, B, C)),
        ([0, 10, 22], (A, B, C)),
        ([22, 0, 10], (C, A, B)),  # the table says which is which
        ([0, 0, 0], (A, B, C)),  # this one says nothing
        ([0, 18, 38], (A, B, C)),
        ([0, 22], (A + B, C)),
        ([10, 0], (B + C, A)),
    ],
)
def test_frames(table, frames):
    assert split_fragments(encapsulated(table, A, B, C), len(frames)) == frames


@pytest.mark.parametrize("table", [[], [0], [10, 22], [0, 0], [0, 9], [0, 4000], [0, 10, 22]])
def test_a_table_that_cannot_be_right_is_not_believed(table):
    with pytest.raises(IngestError) as error:
        split_fragments(encapsulated(table, A, B, C), 2)
    assert error.value.code == "E_DECODE"
