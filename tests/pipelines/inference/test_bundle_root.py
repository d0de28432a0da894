from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest

from resmtnet.pipelines.inference.bundle_root import bundle_root
from resmtnet.pipelines.inference.usage_error import UsageError


def test_a_shipped_bundle_is_found_from_anywhere(tmp_path, monkeypatch):
    (tmp_path / "lung_nodule_ct" / "configs").mkdir(parents=True)
    (tmp_path / "lung_nodule_ct" / "configs" / "metadata.json").write_text("{}")
    monkeypatch.chdir(tmp_path)
    assert Path(bundle_root("lung_nodule_ct")) == Path(str(files("resmtnet.bundles"))) / "lung_nodule_ct"
    assert Path(bundle_root("./lung_nodule_ct/")).is_relative_to(tmp_path)


@pytest.mark.parametrize("name", ["no_such_bundle", ".", "..", ""])
def test_what_is_no_bundle_is_refused(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="lung_nodule_ct"):
        bundle_root(name)
