"""How long one image takes on one core, and how large the network is.

    python tests/benchmarks/image_speed.py breast_ultrasound OUT.json

From grey values in memory to class probabilities (and mask), as the bundle's inference.json says: both mirror images,
batch norm folded away, float32. The median of many images after a few to warm up. The work of the network is counted
by torch.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from importlib.resources import files
from pathlib import Path

import torch
from monai.bundle import ConfigParser
from torch.utils.flop_counter import FlopCounterMode

from resmtnet.pipelines.inference.for_inference import for_inference
from resmtnet.pipelines.training.load_weights import load_weights

SHAPE = (214, 256)  # of the commonest BUSI picture
WARM_UP, IMAGES = 5, 50


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bundle")
    parser.add_argument("output", type=Path)
    options = parser.parse_args()
    torch.set_num_threads(1)
    root = Path(str(files("resmtnet.bundles"))) / options.bundle
    config = ConfigParser()
    config.read_config(str(root / "configs" / "inference.json"))
    config["bundle_root"], config["device"] = str(root), "cpu"
    trained, prepare, mirrors = config.get_parsed_content("network"), *map(config.get_parsed_content, PARTS)
    weights = root / "models" / "model.pt"
    load_weights(trained, weights)
    network = for_inference(trained)
    image = prepare({"image": torch.rand(1, *SHAPE)})["image"][None]
    with torch.inference_mode():
        with FlopCounterMode(display=False) as counter:
            network(image)
        seconds = [one(network, prepare, mirrors) for _ in range(WARM_UP + IMAGES)][WARM_UP:]
    said = {
        "seconds_per_image": statistics.median(seconds),
        "mirrors": mirrors,
        "mflop_per_look": counter.get_total_flops() / 1e6,
        "parameters": sum(p.numel() for p in trained.parameters()),
        "weights_mb": weights.stat().st_size / 1e6,
    }
    options.output.write_text(json.dumps(said, indent=1) + "\n")
    print(json.dumps(said, indent=1))


PARTS = ("preprocessing", "mirrors")


def one(network: torch.nn.Module, prepare: object, mirrors: int) -> float:
    """Take one new image through everything; return the seconds."""
    from resmtnet.pipelines.images.mirrored import mirrored

    grey = torch.rand(1, *SHAPE)
    began = time.perf_counter()
    mirrored(network, prepare({"image": grey})["image"][None], mirrors=mirrors).softmax(1)
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
