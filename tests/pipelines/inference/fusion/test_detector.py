"""The detector of the fusion bundle without its weights."""

from __future__ import annotations

import shutil
from importlib.resources import files
from pathlib import Path

import pytest

from resmtnet.pipelines.inference.fusion.detector import Detector
from resmtnet.pipelines.inference.usage_error import UsageError


def test_weights_that_are_missing_or_others_are_said_to_be_the_detectors(tmp_path):
    root = tmp_path / "finder"
    shutil.copytree(Path(str(files("resmtnet.bundles"))) / "lung_nodule_ct" / "configs", root / "configs")
    detector = Detector(str(root), "cpu")
    with pytest.raises(UsageError, match="The detector's bundle finder has no weights"):
        _ = detector.network
    (root / "models").mkdir()
    (root / "models" / "model.pt").write_bytes(b"nothing")
    with pytest.raises(UsageError, match=r"bundle finder: model\.pt does not hold"):
        _ = detector.network
