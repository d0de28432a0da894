from __future__ import annotations

import hashlib
import json
from importlib import import_module, resources
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

FOLDER = Path(str(resources.files("resmtnet.data_manifests")))
FILES = sorted(FOLDER.glob("*.yaml"))
SCHEMA = json.loads((FOLDER / "manifest.schema.json").read_text())
VALIDATOR = Draft202012Validator(SCHEMA)


def load(path: Path) -> dict[str, Any]:
    manifest: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return manifest


def faults(manifest: dict[str, Any]) -> list[str]:
    return [error.message for error in VALIDATOR.iter_errors(manifest)]


def test_there_is_a_manifest_for_each_data_set():
    names = {"busi", "iq_othnccd", "lidc_idri", "lidc_nodules", "luna16", "msd_lung", "qin_lung_ct"}
    assert {path.stem for path in FILES} == names


def test_the_schema_is_a_schema():
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_manifest_fits_the_schema_and_its_name(path: Path):
    manifest = load(path)
    assert faults(manifest) == []
    assert manifest["name"] == path.stem
    assert set(manifest.get("sha256", {})) <= set(manifest["layout"])


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_manifest_has_its_converter_or_says_why_not(path: Path):
    manifest = load(path)
    if manifest["converter"] is None:
        assert manifest["why_no_converter"]
        return
    module, function = manifest["converter"].split(":")
    converter = import_module(module)
    assert callable(getattr(converter, function))
    assert manifest["name"] == converter.MANIFEST


@pytest.mark.parametrize("field", ["licence", "citation", "obtain", "limits", "converter", "frame"])
def test_the_schema_misses_what_is_left_out(field: str):
    manifest = load(FOLDER / "luna16.yaml")
    del manifest[field]
    assert faults(manifest)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("licence", "free"), ("source", "somewhere"), ("frame", "RAS"), ("sha256", {"a.csv": "abc"}),
        ("complete", "yes"), ("converter", None), ("converter", "os:system"), ("title", ""), ("more", "text"),
    ],
)  # fmt: skip
def test_the_schema_refuses_a_wrong_value(field: str, value: object):
    assert faults({**load(FOLDER / "luna16.yaml"), field: value})


@pytest.mark.data
@pytest.mark.parametrize("name", ["annotations.csv", "annotations_excluded.csv", "seriesuids.csv"])
def test_the_hashes_of_luna16_are_those_of_its_tables(shared_data: Path, name: str):
    digest = hashlib.sha256((shared_data / "luna16" / name).read_bytes()).hexdigest()
    assert load(FOLDER / "luna16.yaml")["sha256"][name] == digest
