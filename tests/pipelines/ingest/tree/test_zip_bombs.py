"""Archives made to hurt: each ends in a code, in little memory."""

from __future__ import annotations

import random
import struct
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path

import pytest

from resmtnet.pipelines.ingest.ingest_error import IngestError
from resmtnet.pipelines.ingest.tree.open_regular import open_regular
from resmtnet.pipelines.ingest.tree.walk_files import walk_files

ALLOWED_MB = 100  # above what the process takes before the archive is touched
MEASURE = """
import resource, sys
from pathlib import Path
from resmtnet.pipelines.ingest.ingest_error import IngestError
from resmtnet.pipelines.ingest.tree.open_regular import open_regular
from resmtnet.pipelines.ingest.tree.walk_files import walk_files
from resmtnet.pipelines.ingest.plan_scans import plan_scans
import resmtnet.pipelines.ingest.volume_file.plan_volume_file, pydicom
def peak_kib():
    lines = Path("/proc/self/status").read_text().splitlines()  # ru_maxrss would begin with the peak of the test run
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
before = peak_kib()
walk = walk_files(Path(sys.argv[1]))
codes = set()
for path in walk.files:
    try:
        with open_regular(path) as stream:
            stream.read()
    except IngestError as error:
        codes.add(error.code)
scans = plan_scans(Path(sys.argv[1]))
print(len(walk.files), *sorted(walk.skipped), *sorted(codes))
print((peak_kib() - before) // 1024)
"""


def deflated_zeros(n_bytes: int) -> bytes:
    deflate = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    block = deflate.compress(bytes(2**20)) + deflate.flush(zlib.Z_FULL_FLUSH)  # refers to nothing before it
    return block * (n_bytes // 2**20) + deflate.flush()


def crafted_zip(
    path: Path, packed: bytes, n_bytes: int, *, names: list[bytes], crc: int = 0, overlapping: bool = False
) -> Path:
    """An archive whose members all hold ``packed`` and claim ``n_bytes``; overlapping ones share one copy of it."""
    local = b"".join(
        struct.pack("<4s5H3L2H", b"PK\3\4", 20, 0, 8, 0, 0, crc, len(packed), n_bytes, len(name), 0) + name + packed
        for name in (names[:1] if overlapping else names)
    )
    directory, offset = b"", 0
    for name in names:
        numbers = (20, 3, 20, 0, 0, 8, 0, 0, crc, len(packed), n_bytes, len(name), 0, 0, 0, 0, 0, offset)
        directory += struct.pack("<4s4B4HL2L5H2L", b"PK\1\2", *numbers) + name
        offset += 0 if overlapping else 30 + len(name) + len(packed)
    n = len(names)
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, n, n, len(directory), len(local), 0)
    path.write_bytes(local + directory + end)
    return path


def outcome(path: Path) -> list[str]:
    """What a fresh process says of the archive: number of members, codes; its memory is checked here."""
    ran = subprocess.run(
        [sys.executable, "-c", MEASURE, str(path)], capture_output=True, text=True, check=True, timeout=120
    )
    said, grown_mb = ran.stdout.splitlines()
    assert int(grown_mb) < ALLOWED_MB
    return said.split()


def test_the_crafted_archive_is_sound_where_it_tells_the_truth(tmp_path):
    data = bytes(2**20)
    archive = crafted_zip(tmp_path / "a.zip", deflated_zeros(2**20), 2**20, names=[b"x", b"y"], crc=zlib.crc32(data))
    assert zipfile.ZipFile(archive).testzip() is None
    assert outcome(archive) == ["2"]


def test_a_member_that_says_how_much_it_grows(tmp_path):
    archive = crafted_zip(tmp_path / "a.zip", deflated_zeros(2**28), 2**28, names=[b"x"])
    assert outcome(archive) == ["0", "I_ARCHIVE"]


@pytest.mark.parametrize(("claimed", "code"), [(1000, "E_INFLATE_LIMIT"), (12 * 2**20, "E_INFLATE_LIMIT")])
def test_a_member_that_hides_how_much_it_grows(tmp_path, claimed, code):
    archive = crafted_zip(tmp_path / "a.zip", deflated_zeros(2**28), claimed, names=[b"x"])
    assert outcome(archive) == ["1", code]


def test_a_member_that_claims_more_than_it_has(tmp_path):
    archive = crafted_zip(tmp_path / "a.zip", deflated_zeros(2**20), 15 * 2**20, names=[b"x"])
    assert outcome(archive) == ["1", "E_TRUNCATED"]


def test_a_wrong_checksum(tmp_path):
    archive = crafted_zip(tmp_path / "a.zip", deflated_zeros(2**20), 2**20, names=[b"x"], crc=1)
    assert outcome(archive) == ["1", "E_UNREADABLE"]


def test_members_that_share_their_bytes(tmp_path):
    names = [f"{n}".encode() for n in range(9)]  # few enough for the other limits
    archive = crafted_zip(tmp_path / "a.zip", deflated_zeros(2**20), 2**20, names=names, overlapping=True)
    assert outcome(archive) == ["0", "I_ARCHIVE"]


def test_a_directory_that_calls_a_member_by_another_name(tmp_path):
    archive = crafted_zip(tmp_path / "a.zip", deflated_zeros(2**20), 2**20, names=[b"x"], crc=zlib.crc32(bytes(2**20)))
    archive.write_bytes(archive.read_bytes().replace(b"x", b"y", 1))
    assert outcome(archive) == ["1", "E_UNREADABLE"]


def test_many_members_that_are_harmless_each(tmp_path):
    names = [f"{n:04}".encode() for n in range(1100)]
    archive = crafted_zip(tmp_path / "a.zip", deflated_zeros(2**20), 2**20, names=names)
    assert outcome(archive) == ["0", "I_ARCHIVE"]


def test_more_members_than_the_limit(tmp_path):
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w") as writer:
        for n in range(100_001):
            writer.writestr(str(n), b"")
    assert outcome(archive) == ["0", "I_ARCHIVE"]


def test_an_end_record_that_claims_a_huge_directory(tmp_path):
    archive = tmp_path / "a.zip"
    with archive.open("wb") as file:
        file.write(b"PK\3\4")
        file.truncate(2**31)
        file.seek(2**31)
        file.write(struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 9, 9, 2**31 - 4, 4, 0))
    assert outcome(archive) == ["0", "I_ARCHIVE"]


def test_an_archive_in_an_archive_in_an_archive(tmp_path):
    inner = crafted_zip(tmp_path / "0", deflated_zeros(2**20), 2**20, names=[b"x"])
    for n in range(3):
        with zipfile.ZipFile(tmp_path / f"{n + 1}", "w") as archive:
            archive.write(inner, f"{n}.zip")
        inner = tmp_path / f"{n + 1}"
    assert outcome(inner.rename(tmp_path / "a.zip")) == ["0", "I_ARCHIVE_MEMBER"]


def test_no_changed_byte_gives_other_content(tmp_path):
    members = {f"f/{n}": random.Random(n).randbytes(200) for n in range(4)}
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as writer:
        for name, data in members.items():
            writer.writestr(name, data)
    sound = archive.read_bytes()
    rng = random.Random(0)
    read = 0
    for _ in range(600):
        data = bytearray(sound)
        for _ in range(rng.choice((1, 1, 3))):
            data[rng.randrange(len(data))] = rng.randrange(256)
        archive.write_bytes(data[: rng.choice((len(data), len(data), rng.randrange(len(data))))])
        for path in walk_files(tmp_path).files:
            try:
                with open_regular(path) as stream:
                    content = stream.read()
            except IngestError as error:
                assert error.code in ("E_UNREADABLE", "E_TRUNCATED", "E_INFLATE_LIMIT")  # noqa: PT017 - many tries
            else:
                assert path == archive or content in members.values()
                read += 1
    assert read > 600  # most changes spare most members
