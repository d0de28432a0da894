from __future__ import annotations

import pytest

from resmtnet.pipelines.inference.open_output import open_output
from resmtnet.pipelines.results.output_not_writable import OutputNotWritable


def test_a_new_and_an_empty_folder_are_taken(tmp_path):
    open_output(tmp_path / "new" / "deep")
    assert (tmp_path / "new" / "deep" / "cases").is_dir()
    (tmp_path / "empty").mkdir()
    open_output(tmp_path / "empty")


def test_a_folder_of_somebody_else_is_refused_and_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("precious")
    with pytest.raises(OutputNotWritable, match="not empty"):
        open_output(tmp_path, overwrite=True)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_path_below_a_file_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputNotWritable):
        open_output(tmp_path / "file" / "out")
    with pytest.raises(OutputNotWritable):
        open_output(tmp_path / "file")


def test_overwrite_removes_what_we_wrote_and_nothing_else(tmp_path):
    open_output(tmp_path)
    (tmp_path / "cases" / "abc").mkdir()
    (tmp_path / "private").mkdir()
    ours = ["cases/abc/case.json", "findings.csv", "run.json", "index.html", "private/links.csv"]
    for name in (*ours, "notes.txt", "private/key"):
        (tmp_path / name).write_text("x")
    open_output(tmp_path)
    assert all((tmp_path / name).is_file() for name in ours)
    open_output(tmp_path, overwrite=True)
    left = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file())
    assert left == ["notes.txt", "private/key"]
    assert (tmp_path / "cases").is_dir()
