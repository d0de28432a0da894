"""What a run leaves in its folder: earlier runs, faults, full disks, and what identifies a patient."""

from __future__ import annotations

import gzip
import json
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from resmtnet.pipelines.convert.convert_scans import convert_scans
from resmtnet.pipelines.convert.open_folder import MARKER
from resmtnet.pipelines.ingest.input_path_error import InputPathError
from resmtnet.pipelines.results.links_csv import read_links
from resmtnet.pipelines.results.output_not_writable import OutputNotWritable
from resmtnet.pipelines.results.prepare_output import prepare_output


def contents(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def times(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mtime_ns for path in folder.glob("*.nii.gz")}


@pytest.fixture
def tree(tmp_path, write_lie) -> Path:
    """Two good scans, and one with a missing slice."""
    write_lie(tmp_path / "in" / "A", seed=1)
    write_lie(tmp_path / "in" / "B", "tilted", seed=2)
    sorted(write_lie(tmp_path / "in" / "C", seed=3).iterdir())[4].unlink()
    return tmp_path / "in"


def test_a_second_run_leaves_what_is_done_and_a_fresh_one_gives_the_same_bytes(tmp_path, tree):
    records = convert_scans(tree, tmp_path / "out").records
    first, written = contents(tmp_path / "out"), times(tmp_path / "out")
    assert len(written) == 2
    assert convert_scans(tree, tmp_path / "out").records == records
    assert (contents(tmp_path / "out"), times(tmp_path / "out")) == (first, written)
    assert convert_scans(tree, tmp_path / "out", overwrite=True).records == records
    assert contents(tmp_path / "out") == first
    assert times(tmp_path / "out").items().isdisjoint(written.items())
    convert_scans(tree, tmp_path / "other")
    assert contents(tmp_path / "other") == first


def test_what_is_missing_changed_or_wanted_otherwise_is_done_again(tmp_path, tree):
    out = tmp_path / "out"
    (a, b, _) = convert_scans(tree, out).records
    first = contents(out)
    (out / a["nifti"]["file"]).unlink()
    (out / f"{b['case_id']}.json").write_text("{}")
    convert_scans(tree, out)
    assert contents(out) == first
    (tilted,) = (r for r in convert_scans(tree, out, orthogonal=True).records if "W_ORTHOGONALISED" in r["codes"])
    assert contents(out)[tilted["nifti"]["file"]] != first[tilted["nifti"]["file"]]


def test_a_scan_that_is_refused_now_keeps_no_voxels(tmp_path, tree):
    (a, *_) = convert_scans(tree, tmp_path / "out").records
    sorted((tree / "A").iterdir())[5].unlink()
    records = {record["case_id"]: record for record in convert_scans(tree, tmp_path / "out").records}
    assert records[a["case_id"]]["status"] == "rejected"
    assert not (tmp_path / "out" / a["nifti"]["file"]).exists()


def test_a_damaged_slice_costs_its_scan_only(tmp_path, tree):
    victim = sorted((tree / "A").iterdir())[2]
    victim.write_bytes(victim.read_bytes()[:-100])
    records = convert_scans(tree, tmp_path / "out").records
    assert sorted(record["status"] for record in records) == ["rejected", "rejected", "warned"]
    assert len(times(tmp_path / "out")) == 1


def test_other_scans_of_earlier_runs_stay_with_their_links(tmp_path, tree):
    convert_scans(tree / "A", tmp_path / "out")
    convert_scans(tree / "B", tmp_path / "out")
    assert len(times(tmp_path / "out")) == 2
    assert len(read_links(tmp_path / "out" / "private" / "links.csv")) == 2
    convert_scans(tree / "C", tmp_path / "out", overwrite=True)
    assert times(tmp_path / "out") == {}
    assert len(read_links(tmp_path / "out" / "private" / "links.csv")) == 1


def test_only_the_private_folder_says_whose_scan_it_is(tmp_path, tree):
    named = tmp_path / "DOE^JANE 1950-01-01"
    shutil.copytree(tree, named)
    convert_scans(named, tmp_path / "out")
    secrets = (b"DOE", b"JANE", b"1950", b"PHANTOM", b"2.25.", str(tmp_path).encode())
    for name, data in contents(tmp_path / "out").items():
        plain = gzip.decompress(data) if name.endswith(".gz") else data
        found = [secret for secret in secrets if secret in plain]
        assert bool(found) == name.startswith("private/"), name
    assert stat.S_IMODE((tmp_path / "out" / "private").stat().st_mode) == 0o700
    convert_scans(named, tmp_path / "out", links=False)
    assert not (tmp_path / "out" / "private").exists()


def test_the_output_may_lie_inside_the_input_and_is_passed_over(tmp_path, tree):
    first = convert_scans(tree, tree / "out").records
    assert convert_scans(tree, tree / "out", overwrite=True).records == first


def test_folders_that_are_not_ours_are_refused(tmp_path, tree):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.tex").touch()
    prepare_output(tmp_path / "results")  # of inference
    (tmp_path / "file").touch()
    for output in (
        tmp_path / "full",
        tmp_path / "results",
        tmp_path / "file",
        tree,
        tree.parent,
        tmp_path / "file" / "x",
    ):
        before = contents(tmp_path)
        with pytest.raises(OutputNotWritable):
            convert_scans(tree, output)
        assert contents(tmp_path) == before
    with pytest.raises(InputPathError, match="does not exist"):
        convert_scans(tmp_path / "nothing", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_converted_file_is_no_input_for_its_own_folder(tmp_path, tree):
    (record, *_) = convert_scans(tree, tmp_path / "out").records
    with pytest.raises(OutputNotWritable, match="lies in it"):
        convert_scans(tmp_path / "out" / record["nifti"]["file"], tmp_path / "out")


FULL_DISK = """
import resource, sys
from resmtnet.pipelines.convert.convert_scans import convert_scans
from resmtnet.pipelines.results.output_not_writable import OutputNotWritable
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), resource.RLIM_INFINITY))
try:
    convert_scans(sys.argv[1], sys.argv[2])
except OutputNotWritable:
    print("full")
"""


def test_a_full_disk_ends_the_run_and_leaves_nothing_half_written(tmp_path, tree):
    out = tmp_path / "out"
    records = convert_scans(tree, out).records
    first = contents(out)
    size = min(len(first[record["nifti"]["file"]]) for record in records if "nifti" in record)
    shutil.rmtree(out)
    command = [sys.executable, "-c", FULL_DISK, str(tree), str(out), str(size // 2)]
    assert subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout == "full\n"
    assert list(contents(out)) == [MARKER]
    assert convert_scans(tree, out).records == records  # with room again, the run goes on
    assert contents(out) == first


def test_converting_needs_no_torch(tmp_path, tree):
    script = (
        "import sys; from resmtnet.pipelines.convert.convert_scans import convert_scans;"
        "convert_scans(sys.argv[1], sys.argv[2], orthogonal=True); assert not {'torch', 'monai'} & sys.modules.keys()"
    )
    subprocess.run([sys.executable, "-c", script, str(tree), str(tmp_path / "out")], check=True, timeout=60)


def test_records_on_disk_are_plain_and_complete(tmp_path, tree):
    for record in convert_scans(tree, tmp_path / "out").records:
        written = json.loads((tmp_path / "out" / f"{record['case_id']}.json").read_bytes())
        assert written == record
        assert written.keys() >= {"schema_version", "note", "frame", "case_id", "status", "codes", "n_files"}
