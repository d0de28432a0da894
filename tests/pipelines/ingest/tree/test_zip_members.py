from __future__ import annotations

import io
import random
import stat
import zipfile
from pathlib import Path

import pytest

from resmtnet.pipelines.ingest.ingest_error import IngestError
from resmtnet.pipelines.ingest.tree.open_regular import byte_size, open_regular
from resmtnet.pipelines.ingest.tree.walk_files import walk_files
from resmtnet.pipelines.ingest.tree.walk_limits import WalkLimits
from resmtnet.pipelines.ingest.tree.zip_members import ArchiveLimits

NOISE = random.Random(0).randbytes(100_000)


def write_zip(path: Path, members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def listed(path: Path, limits: WalkLimits | None = None) -> tuple[list[str], dict[str, int]]:
    walk = walk_files(path, limits=limits)
    return [file.relative_to(walk.root).as_posix() for file in walk.files], dict(walk.skipped)


def fault_of(path: Path) -> str:
    try:
        with open_regular(path) as stream:
            stream.read()
    except IngestError as error:
        return error.code
    return ""


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_members_read_as_they_were_written(tmp_path, method):
    members = {"b/x": NOISE, "b/a": b"", "a": b"short", "c/d/e": NOISE[:40_000] * 2}
    archive = write_zip(tmp_path / "Export.ZIP", members, method)
    assert listed(tmp_path) == ([f"Export.ZIP/{name}" for name in sorted(members)], {})
    assert listed(archive) == (sorted(members), {})
    for name, data in members.items():
        with open_regular(archive / name) as stream:
            assert byte_size(stream) == len(data)
            assert stream.read() == data


def test_a_member_is_a_seekable_stream(tmp_path):
    archive = write_zip(tmp_path / "a.zip", {"m": NOISE})
    with open_regular(archive / "m") as stream:
        twin = io.BytesIO(NOISE)
        for seek, size in ((0, 128), (4, 32 * 2**10), (50_000, 60), (99_990, 100), (200_000, 5), (3, 0), (0, 2**40)):
            assert (stream.seek(seek), stream.read(size)) == (twin.seek(seek), twin.read(size))
            assert stream.tell() == twin.tell()
        assert stream.seek(-3, 2) == twin.seek(-3, 2)
        assert stream.read(-1) == NOISE[-3:]


def test_large_members_read_in_turn_are_not_mixed_up(tmp_path):
    members = {"a": NOISE * 100, "b": NOISE[::-1] * 100}  # one is kept for the next frame
    archive = write_zip(tmp_path / "a.zip", members, zipfile.ZIP_STORED)
    for name in "aabba":
        with open_regular(archive / name) as stream:
            assert stream.read() == members[name]


def test_archives_of_other_writers_are_read(tmp_path):
    class Pipe(io.RawIOBase):  # cannot seek, so sizes follow the data
        def __init__(self, file: io.BufferedWriter) -> None:
            self.file = file

        def writable(self) -> bool:
            return True

        def write(self, data) -> int:
            return self.file.write(data)

    with (tmp_path / "piped.zip").open("wb") as file, zipfile.ZipFile(Pipe(file), "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("m", NOISE)
        archive.comment = b"PK\5\6 a comment that looks like an end record" + bytes(30)
    with zipfile.ZipFile(tmp_path / "wide.zip", "w") as archive, archive.open("m", "w", force_zip64=True) as member:
        member.write(NOISE)
    for name in ("piped.zip", "wide.zip"):
        with open_regular(tmp_path / name / "m") as stream:
            assert stream.read() == NOISE


def test_a_wide_directory_is_read(tmp_path):
    count = 70_000  # more than the 16 bits of the old end record can say
    archive = write_zip(tmp_path / "many.zip", {f"{n:05}": b"" for n in range(count)}, zipfile.ZIP_STORED)
    walk = walk_files(archive)
    assert len(walk.files) == count
    assert fault_of(walk.files[-1]) == ""


def test_unsafe_and_unreadable_members_are_counted_and_the_rest_is_read(tmp_path):
    good = {"ok/1": b"1", "ok/2": b"2"}
    unsafe = ["../up", "a/../../up", "/etc/passwd", "C:/x", "c:x", "a\\b", "n" * 2000]
    refused = ["v.nii", "v.NII.GZ", "v.mha", "in.zip", "in.tar.gz", "ok/2"]
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for name, data in good.items():
            archive.writestr(name, data)
        for name in unsafe:
            archive.writestr(name, b"bad")
        for name in refused[:-1]:
            archive.writestr(name, b"bad")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr(refused[-1], b"bad")
        for name, mode in (("link", stat.S_IFLNK | 0o777), ("device", stat.S_IFCHR | 0o600)):
            info = zipfile.ZipInfo(name)
            info.external_attr = mode << 16
            archive.writestr(info, "/etc/passwd")
        archive.writestr(zipfile.ZipInfo("bz"), b"bad", zipfile.ZIP_BZIP2)
        archive.mkdir("empty")
    assert listed(tmp_path / "a.zip") == (["ok/1", "ok/2"], {"I_ARCHIVE_MEMBER": len(unsafe) + len(refused) + 3})
    with open_regular(tmp_path / "a.zip" / "ok" / "2") as stream:
        assert stream.read() == b"2"  # the first of that name, as it was counted


def test_nul_and_encrypted_members_are_counted(tmp_path):
    archive = write_zip(tmp_path / "a.zip", {"good": b"x", "nuXl": b"x", "secret": b"x"})
    data = archive.read_bytes().replace(b"nuXl", b"nu\0l")
    at = data.index(b"PK\1\2", data.index(b"PK\1\2", data.index(b"PK\1\2") + 1) + 1)
    archive.write_bytes(data[: at + 8] + b"\1\0" + data[at + 10 :])
    assert listed(archive) == (["good"], {"I_ARCHIVE_MEMBER": 2})


def test_names_in_any_code_page_and_junk_are_as_on_the_disk(tmp_path):
    archive = write_zip(tmp_path / "a.zip", {"sXX/1": b"1", "./t//2": b"2", "__MACOSX/s/._1": b"", "__MACOSX/2": b""})
    archive.write_bytes(archive.read_bytes().replace(b"sXX/1", b"s\xe4\xff/1"))
    assert listed(archive) == (["s\udce4\udcff/1", "t/2"], {"I_NON_DICOM": 1})
    assert [fault_of(path) for path in walk_files(archive).files] == ["", ""]


def test_depth_goes_on_counting_inside(tmp_path):
    (tmp_path / "f").mkdir()
    write_zip(tmp_path / "f" / "a.zip", {"1": b"", "g/2": b"", "g/h/3": b"", "g/h/i/4": b"", "j/k/5": b""})
    names, skipped = listed(tmp_path, WalkLimits(depth=3))
    assert names == ["f/a.zip/1", "f/a.zip/g/2"]
    assert skipped == {"I_OVER_LIMIT": 2}


def test_the_name_alone_makes_no_archive(tmp_path):
    (tmp_path / "text.zip").write_bytes(b"no archive")
    write_zip(tmp_path / "archive.bin", {"m": b""})
    assert listed(tmp_path) == (["archive.bin", "text.zip"], {})  # files like any other: the header decides


def test_limits_of_the_tree_count_what_is_in_archives(tmp_path):
    write_zip(tmp_path / "a.zip", {"1": bytes(10), "2": bytes(10)})
    write_zip(tmp_path / "b.zip", {"1": bytes(10), "2": bytes(10)})
    for limits in (WalkLimits(files=3), WalkLimits(total_bytes=39)):
        assert listed(tmp_path, limits) == (["a.zip/1", "a.zip/2"], {"I_OVER_LIMIT": 2})


@pytest.mark.parametrize(
    "limits",
    [
        ArchiveLimits(members=2),
        ArchiveLimits(member_bytes=99_999),
        ArchiveLimits(total_bytes=200_000),
        ArchiveLimits(free_member_bytes=99_999, ratio=20),
        ArchiveLimits(free_archive_bytes=200_000, ratio=1),
    ],
)
def test_an_archive_beyond_a_limit_is_skipped_whole(tmp_path, limits):
    archive = write_zip(tmp_path / "a.zip", {"1": NOISE, "2": NOISE, "3": bytes(100_000)})
    assert listed(archive) == (["1", "2", "3"], {})
    assert listed(archive, WalkLimits(archive=limits)) == ([], {"I_ARCHIVE": 1})
