from __future__ import annotations

import os

import pytest

from resmtnet.pipelines.ingest.input_path_error import InputPathError
from resmtnet.pipelines.ingest.walk_files import MAX_DEPTH, walk_files


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
    walk = walk_files(tree)
    assert [path.name for path in walk.files] == ["file"]
    assert walk.skipped == {"I_NOT_REGULAR": 5}


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
