"""The command as people and scripts meet it."""

from __future__ import annotations

import json

import pytest

from resmtnet.pipelines.cli import main


@pytest.fixture
def scan(ct):
    (path,) = ct(edit=lambda k, ds: (setattr(ds, "PatientID", "ZZCANARY"), setattr(ds, "PatientName", "ZZCANARY^A")))
    return path.parent


def test_counts_as_text_and_as_json(scan, tmp_path, capsys):
    call = ["deidentify", str(scan), str(tmp_path / "out"), "--key", str(tmp_path / "key")]
    assert main(call) == 0
    assert capsys.readouterr() == ("1 files written\n", "")
    assert main([*call, "--json", "-"]) == 0
    (record,) = json.loads(capsys.readouterr().out)
    assert (record["written"], record["failed"]) == (1, {})


@pytest.mark.parametrize("name", ["key", "links.csv", "in/000.dcm", "in/counts.json", "alias"])
def test_the_json_file_overwrites_nothing_of_ours(scan, tmp_path, capsys, name):
    (tmp_path / "key").touch(mode=0o600)
    (tmp_path / "key").write_text("ab" * 32)
    (tmp_path / "alias").symlink_to("key")
    places = ["--key", str(tmp_path / "key"), "--links-file", str(tmp_path / "links.csv")]
    call = ["deidentify", str(scan), str(tmp_path / "out"), *places, "--json", str(tmp_path / name)]
    before = {path: path.read_bytes() for path in [tmp_path / "key", *scan.iterdir()]}
    assert main(call) == 2
    assert "JSON file" in capsys.readouterr().err
    assert {path: path.read_bytes() for path in [tmp_path / "key", *scan.iterdir()]} == before
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("edit", "code", "says"),
    [
        (lambda path: path.write_bytes(path.read_bytes()[:-9]), 3, "failed: 1 E_TRUNCATED"),
        (lambda path: path.write_bytes(b"notes"), 4, "dropped: 1 I_NON_DICOM"),
    ],
)
def test_exit_codes_and_summary_say_what_became_of_the_files(scan, tmp_path, capsys, edit, code, says):
    (path,) = scan.iterdir()
    edit(path)
    assert main(["deidentify", str(scan), str(tmp_path / "out"), "--key", str(tmp_path / "key")]) == code
    said = capsys.readouterr()
    assert says in said.out
    assert "ZZCANARY" not in said.out + said.err


def test_a_stop_in_the_middle_leaves_whole_files_and_their_links(ct, tmp_path, capsys, monkeypatch):
    """Ctrl-C while the second of three files is read."""
    from resmtnet.pipelines.deidentify import deidentify_folder as folder_module

    path, *_ = ct(n=3)
    read, seen = folder_module.read_object, []

    def stop(file):
        seen.append(file)
        if len(seen) == 2:
            raise KeyboardInterrupt
        return read(file)

    monkeypatch.setattr(folder_module, "read_object", stop)
    links = tmp_path / "links.csv"
    call = ["deidentify", str(path.parent), str(tmp_path / "out"), "--key", str(tmp_path / "key")]
    assert main([*call, "--links-file", str(links)]) == 130
    assert len(list((tmp_path / "out").rglob("*.dcm"))) == 1
    some = set(links.read_text().splitlines())
    monkeypatch.undo()
    assert main([*call, "--links-file", str(links)]) == 0
    assert len(list((tmp_path / "out").rglob("*.dcm"))) == 3
    assert some < set(links.read_text().splitlines())
