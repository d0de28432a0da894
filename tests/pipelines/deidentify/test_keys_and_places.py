from __future__ import annotations

import csv
import stat
from dataclasses import replace

import pydicom
import pytest

from resmtnet.pipelines.deidentify import deidentify_folder as folder_module
from resmtnet.pipelines.deidentify.deidentify_folder import deidentify_folder
from resmtnet.pipelines.deidentify.links_file import write_links_file
from resmtnet.pipelines.deidentify.options import DeidentifyOptions
from resmtnet.pipelines.deidentify.pseudonyms import Pseudonyms
from resmtnet.pipelines.inference.usage_error import UsageError
from resmtnet.pipelines.results.output_not_writable import OutputNotWritable


def contents(folder) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_missing_key_is_made_for_its_owner_alone(ct, tmp_path):
    (path,) = ct()
    deidentify_folder(path.parent, tmp_path / "out", key_file=tmp_path / "new_key")
    assert stat.S_IMODE((tmp_path / "new_key").stat().st_mode) == 0o600
    assert len(bytes.fromhex((tmp_path / "new_key").read_text())) == 32


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o777])
def test_a_key_that_others_may_touch_is_refused(ct, tmp_path, key_file, mode):
    (path,) = ct()
    key_file.chmod(mode)
    with pytest.raises(UsageError, match="600"):
        deidentify_folder(path.parent, tmp_path / "out", key_file=key_file)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("text", ["", "abc", "zz" * 32, "f" * 66])
def test_a_key_file_without_a_key_is_refused(ct, tmp_path, key_file, text):
    (path,) = ct()
    key_file.write_text(text)
    with pytest.raises(UsageError, match="holds no key"):
        deidentify_folder(path.parent, tmp_path / "out", key_file=key_file)


@pytest.mark.parametrize("where", ["in/key", "out/key", "out/a/../key", "alias/key"])
def test_key_and_links_stay_out_of_both_folders(ct, tmp_path, key_file, where):
    (path,) = ct()
    (tmp_path / "out" / "a").mkdir(parents=True)
    (tmp_path / "alias").symlink_to(tmp_path / "out")
    with pytest.raises(UsageError, match="key file lies inside"):
        deidentify_folder(path.parent, tmp_path / "out", key_file=tmp_path / where)
    options = DeidentifyOptions(links_file=tmp_path / where)
    with pytest.raises(UsageError, match="links file lies inside"):
        deidentify_folder(path.parent, tmp_path / "out", key_file=key_file, options=options)
    assert not list((tmp_path / "out").glob("*key"))


def test_a_link_in_place_of_the_key_is_refused(ct, tmp_path, key_file):
    (path,) = ct()
    (tmp_path / "alias").symlink_to(key_file)
    with pytest.raises(UsageError):
        deidentify_folder(path.parent, tmp_path / "out", key_file=tmp_path / "alias")


@pytest.mark.parametrize(("source", "output"), [("in", "in"), ("in", "in/out"), ("in/a", "in")])
def test_in_and_out_do_not_lie_in_one_another(ct, tmp_path, key_file, source, output):
    ct(folder="in/a")
    with pytest.raises(OutputNotWritable, match="in one another"):
        deidentify_folder(tmp_path / source, tmp_path / output, key_file=key_file)


def test_a_folder_with_anything_else_in_it_is_left_alone(ct, tmp_path, key_file):
    (path,) = ct()
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / ".hidden").write_text("x")
    with pytest.raises(OutputNotWritable, match="not empty"):
        deidentify_folder(path.parent, tmp_path / "out", key_file=key_file)
    assert [path.name for path in (tmp_path / "out").iterdir()] == [".hidden"]


def test_another_key_or_other_options_need_another_folder(ct, tmp_path, key_file, deidentify):
    (path,) = ct()
    deidentify(path.parent)
    with pytest.raises(OutputNotWritable, match="another key or other options"):
        deidentify(path.parent, dates="removed")
    key_file.write_text("f" * 64)
    with pytest.raises(OutputNotWritable, match="another key or other options"):
        deidentify(path.parent)


def test_a_second_run_gives_the_same_bytes_and_leaves_nothing_behind(ct, tmp_path, deidentify):
    (first, *_) = ct(n=3)
    once = contents(deidentify(first.parent).output)
    (leftover,) = {(tmp_path / "out" / name).parent for name in once if name.endswith("dcm")}
    (leftover / ".unfinished-0badcafe-x.dcm").write_bytes(b"half")
    assert contents(deidentify(first.parent).output) == once
    assert contents(deidentify(first.parent, "elsewhere").output) == once


def test_links_lead_back_and_are_private(ct, tmp_path, key_file, deidentify):
    (path,) = ct(edit=lambda k, ds: setattr(ds, "PatientID", "=HYPERLINK(1)"))
    links = tmp_path / "links.csv"
    (ds,) = deidentify(path.parent, links_file=links).datasets
    deidentify(path.parent, links_file=links)  # the same links again
    assert stat.S_IMODE(links.stat().st_mode) == 0o600
    rows = list(csv.reader(links.read_text().splitlines()))
    assert rows[0] == ["kind", "old", "new"]
    assert ["patient", "'=HYPERLINK(1)", ds.PatientID] in rows
    uids = {new: old for kind, old, new in rows[1:] if kind == "uid"}
    assert len(rows) == len(uids) + 2 == len(set(map(tuple, rows)))
    names = Pseudonyms(bytes.fromhex(key_file.read_text()))
    assert all(names.uid(old) == new for new, old in uids.items())
    assert {ds.SOPInstanceUID, ds.SeriesInstanceUID, ds.StudyInstanceUID, ds.FrameOfReferenceUID} <= set(uids)


def test_links_of_another_run_meanwhile_are_kept(ct, tmp_path, deidentify, monkeypatch):
    """The other run writes its links while this one works, here while it looks at its second file."""
    (path,) = ct(folder="in/1")
    (other,) = ct(folder="other", seed=1)
    links = tmp_path / "links.csv"
    convert = folder_module._convert

    def meanwhile(file, names, options):
        if not links.exists():
            options = replace(options, links_file=links)
            write_links_file(links, convert(other, names, options).links)
        return convert(file, names, options)

    monkeypatch.setattr(folder_module, "_convert", meanwhile)
    deidentify(path.parent, links_file=links)
    olds = {row[1] for row in csv.reader(links.read_text().splitlines())}
    assert {str(pydicom.dcmread(file).SOPInstanceUID) for file in (path, other)} <= olds


def test_without_asking_there_are_no_links(ct, tmp_path, deidentify):
    (path,) = ct()
    deidentify(path.parent)
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["in", "key", "out"]
