"""Weights, bundles and caches: nothing that is loaded may run, but the config of a bundle that the user names."""

from __future__ import annotations

import ast
import json
import os
import pickle
import shutil
from importlib.resources import files
from pathlib import Path

import pytest
import torch

from resmtnet.pipelines.inference.infer import infer
from resmtnet.pipelines.phantom.dicom_series import write_ct_series

PACKAGE = Path(str(files("resmtnet")))
PARTS = ("bundles", "data_manifests", "networks", "pipelines", "transforms")
UNPICKLERS = {"pickle", "cPickle", "_pickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"}


class Payload:
    """Makes a folder when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


def test_t14_the_payload_would_run(tmp_path):
    pickle.loads(pickle.dumps(Payload(tmp_path / "ran"), protocol=2))
    assert (tmp_path / "ran").is_dir()


@pytest.mark.parametrize("form", ["torch", "legacy", "plain"])
def test_t14_a_payload_in_the_weights_does_not_run(form, tmp_path, small_chest, small_bundle):
    bundle = tmp_path / "bundle"
    shutil.copytree(small_bundle, bundle)
    weights = bundle / "models" / "model.pt"
    if form == "plain":
        weights.write_bytes(pickle.dumps(Payload(tmp_path / "ran"), protocol=2))
    else:
        content = torch.load(small_bundle / "models" / "model.pt", weights_only=True)
        content["odd"] = Payload(tmp_path / "ran")
        torch.save(content, weights, _use_new_zipfile_serialization=form == "torch")
    write_ct_series(tmp_path / "in", small_chest.hu, small_chest.affine_lps)
    with pytest.raises(Exception) as caught:  # noqa: PT011 - what it was is looked for down the chain
        infer(tmp_path / "in", tmp_path / "out", bundle=str(bundle), progress=False)
    assert not (tmp_path / "ran").exists()
    assert any(isinstance(error, pickle.UnpicklingError) for error in chain(caught.value))


def chain(error: BaseException | None) -> list[BaseException]:
    return [] if error is None else [error, *chain(error.__cause__ or error.__context__)]


def sources() -> list[Path]:
    return [path for part in PARTS for path in sorted((PACKAGE / part).rglob("*.py"))]


def imports(tree: ast.AST) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names.add((node.module or "").split(".")[0])
    return names


def calls(tree: ast.AST, name: str) -> list[dict[str, ast.expr]]:
    """Keywords of every call of ``something.name(...)``."""
    return [
        {keyword.arg or "": keyword.value for keyword in node.keywords}
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == name
    ]


def test_t16_nothing_is_pickled():
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in sources()}
    assert len(trees) > 100
    for path, tree in trees.items():
        assert not imports(tree) & UNPICKLERS, path
        assert "PersistentDataset" not in ast.unparse(tree), path
        for keywords in calls(tree, "torch.load"):
            assert ast.unparse(keywords["weights_only"]) == "True", path
        for keywords in calls(tree, "np.load"):
            assert ast.unparse(keywords["allow_pickle"]) == "False", path


def test_t15_only_a_bundle_that_the_user_names_is_built(tmp_path, small_chest, small_bundle, monkeypatch):
    """A bundle that lies in the input, in the output or in the working folder is data like any other."""
    write_ct_series(tmp_path / "in", small_chest.hu, small_chest.affine_lps)
    marker = tmp_path / "ran"
    config = {"initialize": [f"$__import__('os').mkdir({str(marker)!r})"], "bundle_root": "."}
    for place in ("in", "in/bundle", "work", "work/bundles/small"):
        (tmp_path / place / "configs").mkdir(parents=True)
        (tmp_path / place / "configs" / "inference.json").write_text(json.dumps(config))
        (tmp_path / place / "configs" / "logging.conf").write_text("[loggers]\nkeys=root\n")
    monkeypatch.chdir(tmp_path / "work")
    overrides = {"min_probability": 0.0, "max_findings": 2}
    assert infer(tmp_path / "in", tmp_path / "out", bundle=str(small_bundle), progress=False, overrides=overrides) == 0
    assert not marker.exists()
