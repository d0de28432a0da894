from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from resmtnet.pipelines.inference.backends.write_onnx import EXPORT_TOLERANCE, write_onnx
from resmtnet.pipelines.inference.usage_error import UsageError


class Switch(nn.Conv2d):
    """A network that says something else once it is traced: a tracer sees one branch."""

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        return super().forward(image) + (0.01 if torch.compiler.is_exporting() else 0.0)


@pytest.fixture(autouse=True)
def _packages() -> None:
    for package in ("onnx", "onnxscript", "onnxruntime"):
        pytest.importorskip(package)


def saved(network: nn.Module, folder: Path) -> Path:
    torch.save(network.state_dict(), folder / "model.pt")
    return folder / "model.pt"


def test_a_fixed_shape_with_a_free_batch(tmp_path):
    import onnxruntime

    network = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.AdaptiveAvgPool2d(1), nn.Flatten()).eval()
    path = write_onnx(network, saved(network, tmp_path), tmp_path / "model.onnx", image_shape=(1, 8, 8), stride=None)
    images = torch.rand(5, 1, 8, 8)
    (found,) = onnxruntime.InferenceSession(path).run(None, {"image": images.numpy()})
    np.testing.assert_allclose(found, network(images).detach().numpy(), rtol=0, atol=EXPORT_TOLERANCE)


def test_an_export_that_says_something_else_leaves_no_file(tmp_path):
    network = Switch(1, 1, 1).eval()
    weights = saved(network, tmp_path)
    (tmp_path / "model.onnx").write_bytes(b"an earlier one")
    with pytest.raises(ValueError, match="differs from torch"):
        write_onnx(network, weights, tmp_path / "model.onnx", image_shape=(1, 8, 8), stride=None)
    assert [path.name for path in tmp_path.iterdir()] == ["model.pt"]


def test_other_weights_leave_no_file(tmp_path):
    weights = saved(nn.Conv2d(1, 2, 1), tmp_path)
    with pytest.raises(UsageError, match="weights"):
        write_onnx(nn.Conv2d(1, 1, 1), weights, tmp_path / "model.onnx", image_shape=(1, 8, 8), stride=None)
    assert [path.name for path in tmp_path.iterdir()] == ["model.pt"]


def test_the_command_of_the_bundle_ties_the_file_to_its_weights(exported_bundle):
    import onnx

    model = onnx.load(exported_bundle / "models" / "model.onnx")
    weights = (exported_bundle / "models" / "model.pt").read_bytes()
    assert {p.key: p.value for p in model.metadata_props}["resmtnet_weights_sha256"] == sha256(weights).hexdigest()
    b, c, *axes = (axis.dim_value for axis in model.graph.input[0].type.tensor_type.shape.dim)
    assert (b, c, axes) == (0, 2, [0, 0, 0])  # 0: free
