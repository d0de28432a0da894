"""``train.yaml`` with ``evaluate.yaml`` over it, on small folders, for each bundle of single images."""

import csv
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml
from PIL import Image

from resmtnet.networks import EMTNet, MobileNetV2, split_emt
from resmtnet.pipelines.evaluation.run_evaluation import run_evaluation
from resmtnet.pipelines.inference.bundle_root import bundle_root
from resmtnet.pipelines.inference.usage_error import UsageError
from resmtnet.pipelines.training.images.grouped_folds import grouped_folds
from resmtnet.transforms.grey_channels import grey_channels
from resmtnet.transforms.square import square

NETWORKS = {"lung_ct_classification": MobileNetV2, "breast_ultrasound": EMTNet}


def weights_of(name, folder):
    torch.manual_seed(1)
    path = folder / "model.pt"
    torch.save(NETWORKS[name]().state_dict(), path)
    return path


def rows_of(folder):
    with (folder / "outcomes.csv").open(newline="") as file:
        return {row["file"]: row for row in csv.DictReader(file)}


@pytest.mark.parametrize("name", NETWORKS)
def test_a_bundle_scores_a_folder(name, image_folder, tmp_path):
    out = tmp_path / "out"
    metrics = run_evaluation(Path(bundle_root(name)), image_folder, out, weights=weights_of(name, tmp_path))
    assert metrics == json.loads((out / "metrics.json").read_text())
    assert (metrics["n_images"], metrics["n_groups"], metrics["folds"]) == (12, 6, None)
    assert ("dice_mean" in metrics) == (name == "breast_ultrasound")
    assert {row["label"] for row in rows_of(out).values()} == {"normal", "benign", "malignant"}


def test_figures_are_those_of_the_network(image_folder, tmp_path):
    """One image through the transforms and the network by hand: both looks, averaged as logits."""
    path = weights_of("breast_ultrasound", tmp_path)
    root = Path(bundle_root("breast_ultrasound"))
    run_evaluation(root, image_folder, tmp_path / "out", weights=path)
    config = yaml.safe_load((root / "configs" / "train.yaml").read_text())
    toned = {name: config[name] for name in ("mean", "std", "tones", "smooth")}
    network = EMTNet().eval()
    network.load_state_dict(torch.load(path, weights_only=True))
    grey = torch.from_numpy(np.asarray(Image.open(image_folder / "5.png"), np.float32))[None] / 255
    image = grey_channels(square(grey, config["size"]), **toned)[None]
    with torch.inference_mode():
        looks = [split_emt(network(image)), split_emt(network(image.flip(-1)))]
    logits = (looks[0][1] + looks[1][1]) / 2
    row = rows_of(tmp_path / "out")["5.png"]
    told = [float(row[f"probability_{name}"]) for name in ("normal", "benign", "malignant")]
    assert told == pytest.approx(logits[0].softmax(0).tolist(), abs=1e-5)
    mask = ((looks[0][0] + looks[1][0].flip(-1)) / 2)[0].sigmoid()
    resized = torch.nn.functional.interpolate(mask[None], (40, 60), mode="bilinear", antialias=True)[0, 0]
    cut = min(0.5, 0.6 * resized.max().item()) if told[0] < 0.5 else 0.5  # the surest place, where a lesion is said
    assert float(row["predicted_area"]) == pytest.approx((resized > cut).float().mean().item(), abs=2 / 2400)


def test_folds_are_those_that_training_holds_out(image_folder, tmp_path):
    root = Path(bundle_root("lung_ct_classification"))
    path = weights_of("lung_ct_classification", tmp_path)
    metrics = run_evaluation(root, image_folder, tmp_path / "out", folds=[1, 3], weights=path)
    with (image_folder / "images.csv").open(newline="") as file:
        table = list(csv.DictReader(file))
    folds = grouped_folds([row["label"] for row in table], [row["group"] for row in table])
    expected = {row["file"] for row, fold in zip(table, folds, strict=True) if fold in (1, 3)}
    assert set(rows_of(tmp_path / "out")) == expected
    assert metrics["folds"] == [1, 3]


def test_images_have_no_subsets(image_folder, tmp_path):
    with pytest.raises(UsageError, match="no evaluation_subsets"):
        run_evaluation(Path(bundle_root("breast_ultrasound")), image_folder, tmp_path / "out", subsets=[1])


@pytest.mark.data
def test_real_images(shared_data, tmp_path):
    """Two images of each class: their masks are on the grid of the files, and no figure is missing."""
    folder = tmp_path / "some"
    with (shared_data / "busi" / "images.csv").open(newline="") as file:
        table = list(csv.DictReader(file))
    chosen = [row for label in ("normal", "benign", "malignant") for row in table if row["label"] == label]
    chosen = [row for n, row in enumerate(chosen) if n in (0, 1, 108, 109, 442, 443)]
    for row in chosen:
        source = shared_data / "busi" / row["file"]
        (folder / row["file"]).parent.mkdir(parents=True, exist_ok=True)
        for path in (source, source.with_name(f"{source.stem}_mask.png")):
            if path.is_file():
                shutil.copy(path, (folder / row["file"]).parent)
    with (folder / "images.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(chosen[0]))
        writer.writeheader()
        writer.writerows(chosen)
    path = weights_of("breast_ultrasound", tmp_path)
    metrics = run_evaluation(Path(bundle_root("breast_ultrasound")), folder, tmp_path / "out", weights=path)
    assert metrics["n_images"] == 6
    assert (metrics["n_with_lesion"], metrics["n_without_lesion"]) == (4, 2)
    for name, row in rows_of(tmp_path / "out").items():
        mask = folder / name.replace(".png", "_mask.png")
        share = (np.asarray(Image.open(mask).convert("L")) > 127).mean() if mask.is_file() else 0
        assert float(row["true_area"]) == pytest.approx(share)
