from __future__ import annotations

import csv
import shutil
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
import torch

from resmtnet.pipelines.inference.backends.runtime import Runtime, precision_of
from resmtnet.pipelines.inference.for_inference import for_inference
from resmtnet.pipelines.inference.infer import infer
from resmtnet.pipelines.inference.region_inferer import RegionInferer
from resmtnet.pipelines.inference.usage_error import UsageError

CPU = torch.device("cpu")
SHAPE = (2, 48, 48, 48)
# of the standard deviation of the logits: float32 sums in another order; bfloat16 keeps 8 bits over 30 layers
TOLERANCE = {"float32": 1e-4, "bfloat16": 0.1}
SAME_PLACE_MM, SAME_LENGTH_MM, SAME_PROBABILITY = 0.1, 0.1, 0.02
RUNTIMES = [("onnx", "float32"), ("openvino", "float32"), ("openvino", "bfloat16")]


def of_bundle(backend: str, bundle: Path) -> Runtime:
    return Runtime(backend, image_shape=SHAPE, stride=16, bundle_root=bundle)


@pytest.mark.parametrize(("backend", "precision"), RUNTIMES)
@pytest.mark.parametrize("shape", [(1, 2, 64, 48, 80), (3, 2, 32, 32, 32), (1, 2, 16, 16, 32)])
def test_packed_outputs_agree_with_torch(backend, precision, shape, exported_bundle, small_network):
    pytest.importorskip("openvino" if backend == "openvino" else "onnxruntime")
    network = of_bundle(backend, exported_bundle).network(for_inference(small_network), CPU, precision)
    assert precision_of(network, precision, CPU) == precision
    image = torch.rand(shape, generator=torch.Generator().manual_seed(1))
    expected = RegionInferer(precision="float32")(image, small_network)
    found = RegionInferer(precision=precision)(image, network)
    assert found.shape == expected.shape
    assert (found - expected).abs().max() < TOLERANCE[precision] * expected.std()


@pytest.mark.parametrize("backend", ["onnx", "openvino"])
def test_findings_agree_with_torch(backend, exported_bundle, small_chest, tmp_path):
    pytest.importorskip("openvino" if backend == "openvino" else "onnxruntime")
    source = noisy(small_chest, tmp_path / "scan.nii")
    expected = findings(source, tmp_path / "torch", exported_bundle, "torch")
    found = findings(source, tmp_path / backend, exported_bundle, backend)
    assert len(found) == len(expected) == 4
    for name, tolerance in [
        *((f"{axis}_mm", SAME_PLACE_MM) for axis in "xyz"),
        *((f"{axis}_axis_mm", SAME_LENGTH_MM) for axis in ("long", "short")),
        *((f"{what}probability", SAME_PROBABILITY) for what in ("", "malignancy_")),
    ]:
        np.testing.assert_allclose(
            [float(row[name]) for row in found], [float(row[name]) for row in expected], rtol=0, atol=tolerance
        )


def noisy(chest, path: Path) -> Path:
    """Write the chest with noise: to random weights all places of an even one are alike, and any may come first."""
    hu = chest.hu + np.random.default_rng(0).normal(0, 30, chest.hu.shape)
    affine_ras = np.diag([-1.0, -1.0, 1.0, 1.0]) @ chest.affine_lps
    nib.Nifti1Image(hu.round().astype(np.int16).transpose(2, 1, 0), affine_ras).to_filename(path)
    return path


def findings(source: Path, output: Path, bundle: Path, backend: str) -> list[dict[str, str]]:
    overrides = {"min_probability": 0.0, "max_findings": 4, "backend": backend, "inferer#precision": "float32"}
    assert infer(source, output, bundle=str(bundle), progress=False, outputs=["csv"], overrides=overrides) == 0
    with (output / "findings.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_a_backend_that_is_not_there_ends_the_call(small_bundle, write_nifti, tmp_path):
    source = write_nifti(tmp_path / "in" / "scan.nii")
    with pytest.raises(UsageError, match="no backend tensorrt"):
        infer(source, tmp_path / "out", bundle=str(small_bundle), progress=False, overrides={"backend": "tensorrt"})


@pytest.mark.parametrize(
    ("backend", "device", "precision", "says"),
    [
        ("onnx", "cpu", "bfloat16", "float32"),
        ("onnx", "meta", "auto", "--device cpu"),
        ("openvino", "meta", "auto", "--device cpu"),
    ],
)
def test_what_a_backend_cannot_do_is_refused(backend, device, precision, says, exported_bundle, small_network):
    pytest.importorskip("openvino" if backend == "openvino" else "onnxruntime")
    with pytest.raises(UsageError, match=says):
        of_bundle(backend, exported_bundle).network(small_network, torch.device(device), precision)


def test_a_network_exported_from_other_weights_is_refused(exported_bundle, small_network, tmp_path):
    bundle = tmp_path / "bundle"
    shutil.copytree(exported_bundle, bundle)
    torch.save({**small_network.state_dict(), "more": torch.zeros(1)}, bundle / "models" / "model.pt")
    with pytest.raises(UsageError, match="other weights"):
        of_bundle("onnx", bundle).network(small_network, CPU, "auto")
    (bundle / "models" / "model.onnx").write_bytes(b"cut off")
    with pytest.raises(UsageError, match="Export it again"):
        of_bundle("openvino", bundle).network(small_network, CPU, "auto")


def test_a_network_exported_by_another_tool_does_not_say_which_weights(exported_bundle, small_network, tmp_path):
    onnx = pytest.importorskip("onnx")
    bundle = tmp_path / "bundle"
    shutil.copytree(exported_bundle, bundle)
    model = onnx.load(bundle / "models" / "model.onnx")
    del model.metadata_props[:]
    onnx.save(model, bundle / "models" / "model.onnx")
    with pytest.raises(UsageError, match="does not say which weights"):
        of_bundle("onnx", bundle).network(small_network, CPU, "auto")
