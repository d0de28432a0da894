from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from resmtnet.pipelines.ingest.ingest_error import IngestError
from resmtnet.pipelines.ingest.tree.open_regular import open_regular
from resmtnet.pipelines.ingest.tree.open_unchanged import open_unchanged
from resmtnet.pipelines.ingest.tree.walk_files import walk_files

CONTENT = bytes(range(256)) * 400


def write_zip(path: Path, content: bytes) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("m", content)
    return path


@pytest.fixture(params=["plain", "member"])
def path(request, tmp_path) -> Path:
    if request.param == "member":
        return write_zip(tmp_path / "a.zip", CONTENT) / "m"
    (tmp_path / "plain").write_bytes(CONTENT)
    return tmp_path / "plain"


def read_and_touch(path: Path, fault: IngestError | None = None) -> None:
    with open_unchanged(path) as stream:
        stream.read(10)
        (path if path.is_file() else path.parent).touch()
        if fault:
            raise fault


def test_what_does_not_change_is_read(path):
    with open_unchanged(path) as stream:
        assert stream.read() == CONTENT


@pytest.mark.parametrize("fault", [None, IngestError("E_BAD_HEADER")])
def test_a_change_while_reading_is_found_out(path, fault):
    with pytest.raises(IngestError, match="E_FILE_CHANGED"):
        read_and_touch(path, fault)


def test_what_is_skipped_anyway_may_change(path):
    with pytest.raises(IngestError, match="I_NON_DICOM"):
        read_and_touch(path, IngestError("I_NON_DICOM", status="skipped"))


def fault_of(path: Path) -> str:
    try:
        with open_regular(path) as stream:
            stream.read()
    except IngestError as error:
        return error.code
    return ""


def test_an_archive_that_changed_since_it_was_listed_is_not_read(tmp_path):
    archive = write_zip(tmp_path / "a.zip", CONTENT)
    (path,) = walk_files(archive).files
    write_zip(archive, CONTENT[::-1])  # same name, same size
    assert fault_of(path) == "E_FILE_CHANGED"
    walk_files(archive)
    assert fault_of(path) == ""
    assert fault_of(archive / "other") == "E_FILE_CHANGED"
    archive.unlink()
    assert fault_of(path) == "E_UNREADABLE"


def test_a_change_between_the_first_bytes_and_the_rest_is_found_out(tmp_path):
    archive = write_zip(tmp_path / "a.zip", CONTENT)
    with open_regular(archive / "m") as stream:
        assert stream.read(100) == CONTENT[:100]
        archive.touch()
        with pytest.raises(IngestError, match="E_FILE_CHANGED"):
            stream.read()
