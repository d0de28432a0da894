from __future__ import annotations

from pathlib import Path

import pytest

from resmtnet.pipelines.inference.keep_apart import keep_apart
from resmtnet.pipelines.inference.open_output import open_output
from resmtnet.pipelines.results.output_not_writable import OutputNotWritable


def test_a_new_and_an_empty_folder_are_taken_and_known_again(tmp_path):
    open_output(tmp_path / "new" / "deep")
    assert (tmp_path / "new" / "deep" / "cases").is_dir()
    (tmp_path / "empty").mkdir()
    open_output(tmp_path / "empty")
    (tmp_path / "empty" / "notes.txt").write_text("x")
    open_output(tmp_path / "empty")


def test_one_that_was_killed_while_it_was_made_is_taken(tmp_path):
    (tmp_path / ".unfinished-1234-.resmtnet").write_text("")
    open_output(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".resmtnet", "cases"]


@pytest.mark.parametrize("name", ["thesis.txt", "cases/patient/scan.dcm", "run.json"])
def test_a_folder_of_somebody_else_is_refused_and_left_alone(tmp_path, name):
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_text("precious")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(OutputNotWritable, match="not empty"):
        open_output(tmp_path)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_path_below_a_file_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputNotWritable):
        open_output(tmp_path / "file" / "out")
    with pytest.raises(OutputNotWritable):
        open_output(tmp_path / "file")


def test_scans_and_results_are_kept_apart(tmp_path):
    (tmp_path / "out" / "cases" / "abc").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "out" / "cases")
    for source in ("out", "out/cases", "out/cases/abc/nodules.nii.gz", "out/../out", "link"):
        with pytest.raises(OutputNotWritable, match="INPUT"):
            keep_apart(tmp_path / source, tmp_path / "out")
    for source in (".", "out/scan", "in", "out-2", "out/cases-2"):
        keep_apart(tmp_path / source, tmp_path / "out")
    with pytest.raises(OutputNotWritable):
        keep_apart(Path(tmp_path.anchor), Path(tmp_path.anchor))
