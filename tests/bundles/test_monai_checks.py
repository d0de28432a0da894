"""MONAI's own checks, on every bundle that is shipped."""

from __future__ import annotations

import configparser
import hashlib
import json
import shutil
from importlib.resources import files
from pathlib import Path
from typing import Any

import monai.bundle
import pytest
import torch
from monai.bundle import ConfigParser, ConfigWorkflow

BUNDLES = sorted(path.parent.parent for path in Path(str(files("resmtnet.bundles"))).rglob("metadata.json"))
N_BUNDLES = 4
RULES = Path(__file__).with_name("metadata_rules.json")
MAX_BYTES = 25e6  # a file in the repository

every_bundle = pytest.mark.parametrize("bundle", BUNDLES, ids=lambda path: path.name)


def configs(bundle: Path) -> dict[str, str]:
    folder = bundle / "configs"
    return {"meta_file": str(folder / "metadata.json"), "config_file": str(folder / "inference.json")}


def metadata_of(bundle: Path) -> dict[str, Any]:
    return json.loads(Path(configs(bundle)["meta_file"]).read_text())


def shape_of(tensor: dict[str, Any]) -> tuple[int, ...]:
    """The shape of one example, at n = 2, 3, 2 along the axes: each unlike its neighbour, so that none is mistaken."""
    edges = [edge if isinstance(edge, int) else str(edge).split("*") for edge in tensor["spatial_shape"]]
    sizes = [edge if isinstance(edge, int) else int(edge[0]) * (2 + axis % 2) for axis, edge in enumerate(edges)]
    return (1, tensor["num_channels"], *sizes)


def network(bundle: Path) -> torch.nn.Module:
    parser = ConfigParser()
    parser.read_config(configs(bundle)["config_file"])
    return parser.get_parsed_content("network_def")


def verify_metadata(metadata: Path, folder: Path) -> None:
    """Run MONAI's check offline: it downloads no schema where the file is there and has the hash."""
    rules = shutil.copy(RULES, folder / "schema.json")
    digest = hashlib.sha256(RULES.read_bytes()).hexdigest()
    monai.bundle.verify_metadata(str(metadata), filepath=str(rules), hash_val=digest, hash_type="sha256")


def test_all_bundles_are_seen():
    assert len(BUNDLES) == N_BUNDLES
    assert len({bundle.name for bundle in BUNDLES}) == N_BUNDLES


@every_bundle
def test_verify_metadata(bundle, tmp_path):
    verify_metadata(Path(configs(bundle)["meta_file"]), tmp_path)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("required_packages_version", None),
        ("supported_apps", []),
        ("authors", ["one"]),
        ("image_data_format", {"inputs": {}}),
    ],
)
def test_our_transcription_of_the_rules_refuses_what_the_schema_refuses(key, value, tmp_path):
    metadata = metadata_of(BUNDLES[0])
    metadata = {k: v for k, v in {**metadata, key: value}.items() if v is not None}
    (tmp_path / "metadata.json").write_text(json.dumps(metadata))
    with pytest.raises(ValueError, match="Failed validating"):
        verify_metadata(tmp_path / "metadata.json", tmp_path)


@every_bundle
def test_the_version_is_in_the_changelog_and_every_channel_is_named(bundle):
    metadata = metadata_of(bundle)
    assert metadata["version"] in metadata["changelog"]
    for tensor in metadata["network_data_format"].values():
        for spec in tensor.values():
            assert list(spec["channel_def"]) == [str(n) for n in range(spec["num_channels"])]


@every_bundle
def test_verify_net_in_out(bundle):
    monai.bundle.verify_net_in_out(net_id="network_def", device="cpu", **configs(bundle))


@every_bundle
def test_ckpt_export_gives_the_same_output(bundle, tmp_path):
    weights = bundle / "models" / "model.pt"
    exported = tmp_path / "model.ts"
    monai.bundle.ckpt_export(net_id="network_def", filepath=str(exported), ckpt_file=str(weights), **configs(bundle))
    original = network(bundle).eval()
    original.load_state_dict(torch.load(weights, weights_only=True))
    formats = metadata_of(bundle)["network_data_format"]
    image = torch.rand(shape_of(formats["inputs"]["image"]))
    with torch.no_grad():
        expected, said = original(image), torch.jit.load(str(exported)).eval()(image)
    assert said.shape == shape_of(formats["outputs"]["pred"])
    torch.testing.assert_close(said, expected)


@every_bundle
def test_check_properties_for_inference(bundle, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # no path may depend on the working directory
    workflow = ConfigWorkflow(workflow_type="infer", logging_file=False, **configs(bundle))
    workflow.initialize()  # builds everything, though the folder of the scans is not there
    assert workflow.check_properties() == []
    assert Path(workflow.bundle_root) == bundle
    assert list(tmp_path.iterdir()) == []


@every_bundle
def test_the_files_of_a_bundle(bundle):
    names = ["LICENSE", "models/model.pt", "docs/README.md", "docs/data_license.txt"]
    names += [f"configs/{name}" for name in ("train.yaml", "evaluate.yaml", "inference.json", "logging.conf")]
    missing = [name for name in names if not (bundle / name).is_file()]
    assert missing == []
    assert [path.name for path in bundle.rglob("*") if path.is_file() and path.stat().st_size > MAX_BYTES] == []
    assert configparser.ConfigParser(interpolation=None).read(bundle / "configs" / "logging.conf")


@every_bundle
def test_the_weights_are_plain_tensors(bundle):
    state, expected = torch.load(bundle / "models" / "model.pt", weights_only=True), network(bundle)
    assert all(isinstance(value, torch.Tensor) for value in state.values())
    assert {key: value.shape for key, value in state.items()} == {
        key: value.shape for key, value in expected.state_dict().items()
    }
    assert all(bool(torch.isfinite(value).all()) for value in state.values())
    assert metadata_of(bundle)["parameters"] == sum(p.numel() for p in expected.parameters())
