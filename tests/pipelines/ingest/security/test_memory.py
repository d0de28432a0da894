"""Files that ask for more memory, depth or time than they are worth; one clean series lies beside each."""

from __future__ import annotations

import struct
import zlib

import pydicom
import pytest
from pydicom.dataset import Dataset

PEAK_MB = 400  # imports take 150, the largest header 64; an attack that works takes gigabytes
PRIVATE_SEQUENCE = b"\x09\x00\x01\x10SQ\0\0"
OPEN, ITEM_OPEN = b"\xff\xff\xff\xff", b"\xfe\xff\x00\xe0\xff\xff\xff\xff"
CLOSE = b"\xfe\xff\x0d\xe0\0\0\0\0" + b"\xfe\xff\xdd\xe0\0\0\0\0"


def nested(depth, tag=PRIVATE_SEQUENCE):
    return (tag + OPEN + ITEM_OPEN) * depth + CLOSE * depth


def nested_with_lengths(depth):
    """Give the same with defined lengths, from the inside out."""
    heads, length = [], 0
    for _ in range(depth):
        heads.append(PRIVATE_SEQUENCE + struct.pack("<I", length + 8) + b"\xfe\xff\x00\xe0" + struct.pack("<I", length))
        length += 20
    return b"".join(reversed(heads))


def assert_refused_beside_a_clean_one(result, *codes):
    assert result.codes[-1] == []
    assert [found[0] for found in result.codes[:-1]] == list(codes)
    assert result.peak_mb < PEAK_MB


def test_t01_deflate_bomb(write, ingest_apart):
    write(seed=1, name="scans/good")
    (path,) = write(name="scans/bad", shape=(1, 32, 40))
    ds = pydicom.dcmread(path)
    ds.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.1.99"
    ds.save_as(path, enforce_file_format=True)
    data = path.read_bytes()
    start = data.index(b"1.2.840.10008.1.2.1.99") + 22
    start += 8 + int.from_bytes(data[start + 6 : start + 8], "little")  # the implementation UID comes last
    deflater = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    bomb = deflater.compress(b"\x08\x00\x05\x00CS\x02\x00  \x09\x00\x01\x10OB\0\0\0\0\0\x40")
    bomb += deflater.flush(zlib.Z_FULL_FLUSH)
    zeros = deflater.compress(bytes(2**24)) + deflater.flush(zlib.Z_FULL_FLUSH)  # refers to nothing before it
    bomb += zeros * 64
    bomb += deflater.flush()
    assert len(bomb) < 2 * 2**20  # a gibibyte of zeros
    path.write_bytes(data[:start] + bomb)
    assert_refused_beside_a_clean_one(ingest_apart(path.parent.parent), "E_INFLATE_LIMIT")


@pytest.mark.parametrize("rows", [65535, 0x40000001])
def test_t02_rows_and_columns_beyond_all_bounds(rows, write, ingest_apart):
    write(seed=1, name="scans/good")

    def edit(k, ds):
        ds.add_new("Rows", "US" if rows < 2**16 else "UL", rows)
        ds.add_new("Columns", "US", 65535)

    files = write(edit, name="scans/bad")
    assert_refused_beside_a_clean_one(ingest_apart(files[0].parent.parent), "E_PIXEL_LENGTH")


def enhanced(ds):
    ds.SOPClassUID = ds.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.2.1"


def test_t03_a_hundred_million_frames(write, ingest_apart):
    write(seed=1, name="scans/good")

    def edit(k, ds):
        enhanced(ds)
        ds.NumberOfFrames = 100_000_000
        ds.PerFrameFunctionalGroupsSequence = [Dataset()]

    files = write(edit, name="scans/bad")
    assert_refused_beside_a_clean_one(ingest_apart(files[0].parent.parent), "E_TOO_LARGE")


@pytest.mark.parametrize("depth", [200, 3_000, 100_000])
def test_t05_nested_sequences(depth, write, insert, ingest_apart):
    write(seed=1, name="scans/good")
    files = write(name="scans/bad")
    for path in files:
        insert(path, nested(depth))
    assert_refused_beside_a_clean_one(ingest_apart(files[0].parent.parent), "E_NESTING")


@pytest.mark.parametrize("depth", [200, 3_000, 100_000])
def test_t05_nested_sequences_that_say_their_length_are_stepped_over(depth, write, insert, ingest_apart):
    files = write()
    for path in files:
        insert(path, nested_with_lengths(depth))
    result = ingest_apart(files[0].parent)
    assert (result.codes, result.peak_mb < PEAK_MB) == ([[]], True)


def test_t05_nested_functional_groups(write, insert, ingest_apart):
    write(seed=1, name="scans/good")
    files = write(lambda k, ds: enhanced(ds), name="scans/bad")
    for path in files:
        insert(path, nested(3_000, b"\x00\x52\x30\x92SQ\0\0"))
    assert_refused_beside_a_clean_one(ingest_apart(files[0].parent.parent), "E_NESTING")


@pytest.mark.parametrize("length", [0xFFFFFFFE, 0x7FFFFFFF, 5000])
def test_t06_a_length_beyond_the_file(length, write, insert, ingest_apart):
    write(seed=1, name="scans/good")
    files = write(name="scans/bad")
    for path in files:
        insert(path, b"\x09\x00\x01\x10OB\0\0" + struct.pack("<I", length))
    assert_refused_beside_a_clean_one(ingest_apart(files[0].parent.parent), "E_TRUNCATED")


def empty_items(count):
    return PRIVATE_SEQUENCE + OPEN + b"\xfe\xff\x00\xe0\0\0\0\0" * count + CLOSE[8:]


SLOW = {
    "two_million_elements": (b"\x09\x00\x01\x10SH\0\0" * 2_100_000, "E_TOO_LARGE"),
    "two_million_items": (empty_items(2_100_000), "E_TOO_LARGE"),
    "a_million_sequences": (nested(1) * 1_000_000, "E_TOO_LARGE"),
    "65_megabytes": (b"\x09\x00\x01\x10OB\0\0" + struct.pack("<I", 65 * 2**20) + bytes(65 * 2**20), "E_TOO_LARGE"),
}


def test_t06_headers_that_take_long(write, insert, ingest_apart):
    write(seed=1, name="scans/good")
    for name, (raw, _) in SLOW.items():
        (path,) = write(name=f"scans/{name}", shape=(1, 32, 40))
        insert(path, raw)
    assert_refused_beside_a_clean_one(ingest_apart(path.parent.parent), *(code for _, code in SLOW.values()))


def test_t06_as_many_items_as_the_budget_holds_are_read(write, insert, ingest_apart):
    files = write()
    for path in files[:2]:
        insert(path, empty_items(100_000))
    assert ingest_apart(files[0].parent).codes == [[]]
