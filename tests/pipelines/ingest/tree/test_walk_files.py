from __future__ import annotations

import os
import socket

import pytest

from resmtnet.pipelines.ingest.input_path_error import InputPathError
from resmtnet.pipelines.ingest.tree.walk_files import walk_files
from resmtnet.pipelines.ingest.tree.walk_limits import MAX_DEPTH, WalkLimits
from resmtnet.pipelines.results_marker import MARKER


def test_files_come_sorted_from_any_depth(tmp_path):
    for name in ("b/2", "b/1", "a/x/y/z/3", "c"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    walk = walk_files(tmp_path)
    assert [path.relative_to(walk.root).as_posix() for path in walk.files] == ["a/x/y/z/3", "b/1", "b/2", "c"]


def test_links_pipes_and_devices_are_never_opened(tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").touch()
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "file").touch()
    (tree / "link").symlink_to(outside / "secret")
    (tree / "folder").symlink_to(outside)
    (tree / "loop").symlink_to(tree)
    (tree / "zero").symlink_to("/dev/zero")
    os.mkfifo(tree / "pipe")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(os.path.relpath(tree / "socket"))  # the name of a socket is short
        walk = walk_files(tree)
    assert [path.name for path in walk.files] == ["file"]
    assert walk.skipped == {"I_NOT_REGULAR": 6}


def test_depth_is_limited(tmp_path):
    deep = tmp_path
    for _ in range(MAX_DEPTH + 1):
        deep = deep / "d"
    deep.mkdir(parents=True)
    (deep / "file").touch()
    walk = walk_files(tmp_path)
    assert walk.files == ()
    assert walk.skipped == {"I_OVER_LIMIT": 1}


def test_one_file_is_a_tree_of_one(tmp_path):
    (tmp_path / "one").touch()
    (tmp_path / "two").touch()
    assert walk_files(tmp_path / "one").files == (tmp_path / "one",)


def test_a_link_given_by_the_user_is_followed(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "file").touch()
    (tmp_path / "alias").symlink_to(tmp_path / "real")
    assert [path.name for path in walk_files(tmp_path / "alias").files] == ["file"]


def test_what_is_not_there_is_an_error(tmp_path):
    with pytest.raises(InputPathError, match="does not exist"):
        walk_files(tmp_path / "nothing")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with pytest.raises(InputPathError):
        walk_files(tmp_path / "loop")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputPathError, match="neither"):
        walk_files(tmp_path / "pipe")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_forbidden_folder_is_an_error(tmp_path):
    (tmp_path / "closed").mkdir(mode=0)
    with pytest.raises(InputPathError, match="cannot be read"):
        walk_files(tmp_path / "closed")


def test_a_tree_deeper_than_a_path_may_be_long_is_cut_at_the_limit(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for _ in range(200):
        os.mkdir("d" * 40)  # noqa: PTH102 - the whole path would be longer than the system takes
        os.chdir("d" * 40)
    open("file", "w").close()  # noqa: PTH123 - as above
    assert walk_files(tmp_path).skipped == {"I_OVER_LIMIT": 1}
    assert walk_files(tmp_path, limits=WalkLimits(depth=10_000)).skipped == {"I_UNREADABLE": 1}


def test_two_hundred_folders_can_be_allowed(tmp_path):
    deep = tmp_path.joinpath(*"d" * 200)
    deep.mkdir(parents=True)
    (deep / "file").touch()
    assert walk_files(tmp_path, limits=WalkLimits(depth=200)).files == (deep / "file",)
    assert walk_files(tmp_path, limits=WalkLimits(depth=199)).files == ()


@pytest.mark.parametrize("limits", [WalkLimits(files=3), WalkLimits(total_bytes=35)])
def test_a_limit_never_leaves_half_a_folder(tmp_path, limits):
    for name in ("a/1", "b/1", "b/2", "b/3", "c/1"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(bytes(10))
    walk = walk_files(tmp_path, limits=limits)
    assert walk.files == (tmp_path / "a" / "1",)
    assert walk.skipped == {"I_OVER_LIMIT": 4}


def test_exactly_the_limit_is_not_beyond_it(tmp_path):
    for name in "abc":
        (tmp_path / name).write_bytes(bytes(10))
    walk = walk_files(tmp_path, limits=WalkLimits(files=3, total_bytes=30, file_bytes=10))
    assert len(walk.files) == 3
    assert walk.skipped == {}


def test_a_large_file_is_left_out_alone(tmp_path):
    with (tmp_path / "large").open("wb") as file:
        file.truncate(64 * 2**30)  # takes no room on the disk
    (tmp_path / "small").touch()
    walk = walk_files(tmp_path)
    assert walk.files == (tmp_path / "small",)
    assert walk.skipped == {"I_OVER_LIMIT": 1}


def test_names_that_are_no_utf8_are_listed(tmp_path):
    name = os.fsdecode(b"schn\xe4ppi\xff")
    (tmp_path / name).write_bytes(b"x")
    assert walk_files(tmp_path).files == (tmp_path / name,)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_forbidden_folder_inside_is_counted_and_the_rest_is_listed(tmp_path):
    (tmp_path / "closed").mkdir(mode=0)
    (tmp_path / "open").touch()
    walk = walk_files(tmp_path)
    assert walk.files == (tmp_path / "open",)
    assert walk.skipped == {"I_UNREADABLE": 1}


def test_folders_of_results_below_the_root_are_no_input(tmp_path):
    for folder in ("scans", "scans/results", "scans/results/cases/a"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "nodules.nii").write_bytes(b"x")
    (tmp_path / "scans" / "results" / MARKER).write_bytes(b"")
    walk = walk_files(tmp_path)
    assert [path.relative_to(walk.root).as_posix() for path in walk.files] == ["scans/nodules.nii"]
    assert not any(walk.skipped.values())
    asked_for = walk_files(tmp_path / "scans" / "results")  # by name: then it is meant
    assert [path.name for path in asked_for.files if path.suffix == ".nii"] == ["nodules.nii"] * 2


@pytest.mark.skipif(os.name != "posix", reason="names of POSIX")
def test_a_name_that_is_too_long_to_look_into_ends_nothing(tmp_path, monkeypatch):
    """The path of its marker would be longer than the system takes, which is no reason to fail."""
    (tmp_path / "scan.nii").touch()
    monkeypatch.chdir(tmp_path)
    for _ in range(20):
        os.mkdir("d" * 220)  # noqa: PTH102
        os.chdir("d" * 220)
    monkeypatch.chdir(tmp_path)
    walk = walk_files(tmp_path, limits=WalkLimits(depth=64))
    assert [path.name for path in walk.files] == ["scan.nii"]
