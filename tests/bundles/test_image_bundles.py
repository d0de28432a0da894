"""MONAI's own checks on the bundles of pictures, with random weights: real ones are checked with all other bundles."""

from __future__ import annotations

import json
import shutil
from importlib.resources import files
from pathlib import Path

import monai.bundle
import pytest
import torch
from monai.bundle import ConfigParser, ConfigWorkflow

from resmtnet.pipelines.results.images.image_files import IMAGE_FILES
from resmtnet.pipelines.results.images.image_outputs import IMAGE_OUTPUTS, checked_image_outputs
from resmtnet.pipelines.results.images.image_run_files import IMAGE_RUN_FILES

SHIPPED = Path(str(files("resmtnet.bundles")))
NAMES = ("lung_ct_classification", "breast_ultrasound")
SAME_IDS = (
    *("bundle_root", "device", "dataset_dir", "output_dir", "overwrite", "links", "outputs", "network_def", "network"),
    *("preprocessing", "dataset", "dataloader", "inferer", "postprocessing", "identity", "handlers", "evaluator"),
    *("checkpointloader", "run", "min_slices", "repairs", "series_rules", "id_key_file"),
)


def network(bundle: Path) -> torch.nn.Module:
    parser = ConfigParser()
    parser.read_config(str(bundle / "configs" / "inference.json"))
    return parser.get_parsed_content("network_def")


@pytest.fixture(scope="module", params=NAMES)
def bundle(request, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bundle") / request.param
    shutil.copytree(SHIPPED / request.param / "configs", folder / "configs")
    (folder / "models").mkdir()
    with torch.random.fork_rng():
        torch.manual_seed(0)
        torch.save(network(folder).state_dict(), folder / "models" / "model.pt")
    return folder


def configs(bundle: Path) -> dict[str, str]:
    folder = bundle / "configs"
    return {"meta_file": str(folder / "metadata.json"), "config_file": str(folder / "inference.json")}


def test_the_ids_are_those_of_the_other_bundles(bundle):
    config = json.loads((bundle / "configs" / "inference.json").read_text())
    lung = json.loads((SHIPPED / "lung_nodule_ct" / "configs" / "inference.json").read_text())
    assert set(SAME_IDS) <= set(config) & set(lung)


def test_the_words_for_files_are_those_of_the_registries(bundle):
    assert set(IMAGE_OUTPUTS) == {file.output for file in (*IMAGE_FILES, *IMAGE_RUN_FILES)}
    words = json.loads((bundle / "configs" / "inference.json").read_text())["outputs"]
    assert checked_image_outputs(words) == tuple(words)
    assert ("mask" in words) == (bundle.name == "breast_ultrasound")


def test_verify_net_in_out(bundle):
    monai.bundle.verify_net_in_out(net_id="network_def", device="cpu", **configs(bundle))


def test_ckpt_export_gives_the_same_output(bundle, tmp_path):
    weights, exported = bundle / "models" / "model.pt", tmp_path / "model.ts"
    monai.bundle.ckpt_export(net_id="network_def", filepath=str(exported), ckpt_file=str(weights), **configs(bundle))
    original = network(bundle).eval()
    original.load_state_dict(torch.load(weights, weights_only=True))
    image = torch.rand(2, 3, 64, 64)
    with torch.no_grad():
        torch.testing.assert_close(torch.jit.load(str(exported)).eval()(image), original(image))


def test_check_properties_for_inference(bundle, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # no path may depend on the working directory
    given = {"bundle_root": str(bundle)}
    workflow = ConfigWorkflow(workflow_type="infer", logging_file=False, **configs(bundle), **given)
    workflow.initialize()  # builds everything, though the folder of the images is not there
    assert workflow.check_properties() == []
    assert list(tmp_path.iterdir()) == []
