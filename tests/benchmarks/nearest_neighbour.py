"""The floor of labelled images: the nearest neighbour among 32 x 32 thumbnails, under the same folds as the network.

    python tests/benchmarks/nearest_neighbour.py iq_othnccd OUT --against CV/outcomes.json

Each image gets the class of the nearest image (Euclidean distance of grey values) of other folds. OUT/metrics.json has
the floor's figures; with --against, the pooled outcomes of image_cross_validation.py, OUT/gain.json has the paired
difference of accuracy and macro F1 (network minus floor, on the same images), with 95 % intervals by group.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
from skimage.transform import resize

from resmtnet.pipelines.evaluation.images.image_outcome import ImageOutcome
from resmtnet.pipelines.evaluation.images.image_outcomes_file import read_image_outcomes
from resmtnet.pipelines.evaluation.images.judged_images import JudgedImages
from resmtnet.pipelines.evaluation.images.write_image_scores import write_image_scores
from resmtnet.pipelines.evaluation.patient_draws import draw_patients
from resmtnet.pipelines.evaluation.plain_figures import plain_figures
from resmtnet.pipelines.evaluation.statistic.macro_f1_of import macro_f1_of
from resmtnet.pipelines.evaluation.statistic.mean_of import mean_of
from resmtnet.pipelines.evaluation.statistic.statistic import difference_of
from resmtnet.pipelines.evaluation.write_scores import write_figures
from resmtnet.pipelines.images.read_picture import read_picture
from resmtnet.pipelines.training.images.grouped_folds import grouped_folds
from resmtnet.pipelines.training.images.labelled_images import read_labelled_images

EDGE = 32
CLASSES = ["normal", "benign", "malignant"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset_dir", type=Path, help="a folder of the labelled_images form")
    parser.add_argument("output_dir", type=Path)
    parser.add_argument("--against", type=Path, metavar="OUTCOMES", help="outcomes.json of the network")
    parser.add_argument("--classes", nargs="+", default=CLASSES)
    parser.add_argument("--positive", default="malignant")
    parser.add_argument("--normal", default="normal")
    parser.add_argument("--n_folds", type=int, default=5)
    parser.add_argument("--fold_seed", type=int, default=0)
    options = parser.parse_args()
    floor = judge_by_neighbour(options)
    about = {"data": options.dataset_dir.name, "split": f"{options.n_folds} folds by group", "model": "1-NN, 32 x 32"}
    metrics = write_image_scores(floor, options.output_dir, about=about)
    print(f"nearest neighbour: accuracy {metrics['accuracy']:.3f}, macro F1 {metrics['macro_f1']:.3f}")
    if options.against is not None:
        gain = paired_gain(read_image_outcomes(options.against), floor)
        write_figures(gain, options.output_dir / "gain.json")
        print(json.dumps(gain, indent=1))


def judge_by_neighbour(options: argparse.Namespace) -> JudgedImages:
    normal = options.normal if options.normal in options.classes else None
    images = read_labelled_images(options.dataset_dir, options.classes)
    labels, groups = [image.label for image in images], [image.group for image in images]
    folds = np.array(grouped_folds(labels, groups, n=options.n_folds, seed=options.fold_seed))
    thumbnails = np.stack([thumbnail(read_picture(image.path).grey) for image in images])
    said = nearest_labels(thumbnails, np.array(labels), folds)
    sure = np.eye(len(options.classes))[said]
    outcomes = tuple(
        ImageOutcome(file=image.file, group=image.group, label=image.label, probabilities=tuple(map(float, row)))
        for image, row in zip(images, sure, strict=True)
    )
    return JudgedImages(tuple(options.classes), options.positive, normal, outcomes)


def thumbnail(grey: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    return np.asarray(resize(grey, (EDGE, EDGE), anti_aliasing=True), float).ravel()


def nearest_labels(
    points: npt.NDArray[np.float64], labels: npt.NDArray[np.int64], folds: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """Return the label of the nearest point of another fold."""
    squares = (points**2).sum(1)
    distances = squares[:, None] + squares[None] - 2 * points @ points.T
    distances[folds[:, None] == folds[None]] = np.inf
    return labels[distances.argmin(1)]


def paired_gain(network: JudgedImages, floor: JudgedImages) -> dict[str, object]:
    """Return network minus floor on the images that the network was scored on."""
    of_floor = {o.file: o for o in floor.outcomes}
    if missing := sum(o.file not in of_floor for o in network.outcomes):
        raise SystemExit(f"{missing} images of the network's outcomes are not in this folder")
    same = replace(floor, outcomes=tuple(of_floor[o.file] for o in network.outcomes))
    draws, n = draw_patients(network.groups), len(network.classes)
    right = [mean_of((judged.said == judged.labels).astype(float)) for judged in (network, same)]
    f1 = [macro_f1_of(judged.labels, judged.said, n) for judged in (network, same)]
    figures = {
        **{f"accuracy{name}": draws.figure(one) for name, one in zip(("", "_floor"), right, strict=True)},
        "accuracy_gain": draws.figure(difference_of(*right)),
        **{f"macro_f1{name}": draws.figure(one) for name, one in zip(("", "_floor"), f1, strict=True)},
        "macro_f1_gain": draws.figure(difference_of(*f1)),
    }
    return {"n_images": len(network.outcomes), "n_groups": len(set(network.groups)), **plain_figures(figures)}


if __name__ == "__main__":
    main()
