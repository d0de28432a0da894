from __future__ import annotations

import json
from pathlib import Path

import pytest

from resmtnet.pipelines.inference.bundle_root import bundle_root
from resmtnet.pipelines.results.case_files import CASE_FILES
from resmtnet.pipelines.results.outputs import DEFAULT_OUTPUTS, OUTPUTS, checked_outputs
from resmtnet.pipelines.results.run_files import RUN_FILES


def test_words_are_those_of_the_registries() -> None:
    """The list is kept apart from them: the command's help must not import what writes the files."""
    assert set(OUTPUTS) == {file.output for file in (*CASE_FILES, *RUN_FILES)}
    assert set(DEFAULT_OUTPUTS) <= set(OUTPUTS)


def test_the_bundle_writes_the_same_by_default() -> None:
    config = Path(bundle_root("lung_nodule_ct")) / "configs" / "inference.json"
    assert tuple(json.loads(config.read_text())["outputs"]) == DEFAULT_OUTPUTS


def test_json_is_always_there_and_order_is_that_of_the_registry() -> None:
    assert checked_outputs(["nifti", "csv", "nifti"]) == ("json", "csv", "nifti")
    assert checked_outputs(["sr"]) == ("json", "seg", "sr")


def test_unknown_word() -> None:
    with pytest.raises(ValueError, match=r"expected some of json, csv, .*; found 'dicom'"):
        checked_outputs(["csv", "dicom"])
