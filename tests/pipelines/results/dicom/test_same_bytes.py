"""The same plan gives the same files, in another process too, on another day."""

from __future__ import annotations

import hashlib
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from importlib import import_module

import pytest

ENCODERS = (
    *("segmentation_dcm", "segmentation_labelmap_dcm", "report_dcm", "report_lines_dcm", "rtstruct_dcm"),
    "key_images_dcm",
)


def digests(made: object) -> dict[str, str]:
    files = made if isinstance(made, dict) else {"": made}
    return {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}


def test_two_processes_make_the_same_bytes(make_dicom_case, monkeypatch: pytest.MonkeyPatch) -> None:
    result, volume = make_dicom_case()
    monkeypatch.setenv("PYTHONHASHSEED", "4711")  # another order of sets and hashes
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        for name in ENCODERS:
            encode = getattr(import_module(f"resmtnet.pipelines.results.dicom.{name}"), name)
            here, there = encode(result, volume), pool.submit(encode, result, volume).result()
            assert digests(here) == digests(there), name
