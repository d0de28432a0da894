from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
import torch
from monai.transforms import Compose
from torch import nn

from resmtnet.pipelines.inference import model_identity
from resmtnet.pipelines.inference.close_look import CloseLook
from resmtnet.pipelines.inference.decode_findings import DecodeFindingsd
from resmtnet.pipelines.inference.describe import describe
from resmtnet.pipelines.inference.model_identity import ModelIdentity
from resmtnet.pipelines.inference.region_inferer import RegionInferer
from resmtnet.transforms.window import WindowHUd


def decode(*, min_probability: float = 0.1, **look: object) -> DecodeFindingsd:
    return DecodeFindingsd(close_look=CloseLook(windows_hu=[(-1000, 200)], **look), min_probability=min_probability)


def config_hash(**changes: object) -> str:
    parts = {
        "network": nn.Conv3d(2, 3, 3),
        "preprocessing": Compose([WindowHUd("image", [(-1000, 200)])]),
        "inferer": RegionInferer(),
        "postprocessing": Compose([decode(min_probability=0.1)]),
    }
    return ModelIdentity(parts | changes, "nowhere.pt").config_hash


def test_the_same_parts_give_the_same_hash():
    assert config_hash() == config_hash(postprocessing=Compose([decode()]))
    assert config_hash() == config_hash(preprocessing=Compose([WindowHUd(["image"], ((-1000.0, 200.0),))]))
    assert len(config_hash()) == 64


@pytest.mark.parametrize(
    "change",
    [
        {"network": nn.Conv3d(2, 3, 3, padding=1)},
        {"preprocessing": Compose([WindowHUd("image", [(-1000, 201)])])},
        {"preprocessing": Compose([])},
        {"inferer": RegionInferer(max_voxels=1)},
        {"postprocessing": Compose([decode(min_probability=0.2)])},
        {"postprocessing": Compose([decode(min_probability=0.1, mirrors=2)])},
        {"postprocessing": Compose([decode(min_probability=0.1, plain_up_to_mm=5.0)])},
        {"postprocessing": Compose([decode(min_probability=0.1, presence_share=0.2)])},
    ],
)
def test_any_change_gives_another_hash(change):
    assert config_hash(**change) != config_hash()


def test_another_version_of_this_package_gives_another_hash(monkeypatch):
    before = config_hash()
    monkeypatch.setattr(model_identity, "version", lambda package: f"{package} 99")
    assert config_hash() != before


def test_whole_numbers_and_floats_are_one():
    zero = Compose([decode(min_probability=0)])
    assert config_hash(postprocessing=zero) == config_hash(postprocessing=Compose([decode(min_probability=0.0)]))


def test_plain_values_of_all_kinds():
    values = {"b": np.float64(0.5), "a": (1, None), "c": np.arange(2), "d": torch.float32, "e": Path}
    assert describe(values) == {"a": [1, None], "b": 0.5, "c": [0, 1], "d": "torch.float32", "e": str(Path)}


def test_weights_and_versions(tmp_path):
    (tmp_path / "model.pt").write_bytes(b"weights")
    identity = ModelIdentity({}, tmp_path / "model.pt")
    assert identity.weights_hash == hashlib.sha256(b"weights").hexdigest()
    assert identity.versions["torch"] == torch.__version__
    assert set(identity.versions) == {"python", "resmtnet", "torch", "monai", "pytorch-ignite", "numpy"}


def test_missing_weights_are_noticed_when_asked_for_and_not_before(tmp_path):
    identity = ModelIdentity({}, tmp_path / "model.pt")
    with pytest.raises(FileNotFoundError):
        _ = identity.weights_hash
