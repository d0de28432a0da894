"""What the grain and the grey values of pictures tell of their class, without anything being seen in them.

    python tests/benchmarks/texture_floor.py iq_othnccd OUT --against CV/outcomes.json

A ridge-penalised logistic regression, under the same folds as the network, on 107 numbers of each picture that say
nothing of where something is: how often each uniform local binary pattern occurs (Ojala et al. 2002; 8 neighbours at 1,
2 and 3 pixels), the mean log power at each of 32 spatial frequencies, and a histogram of 45 grey values. All are taken
on the pixels of the file, so that the shape of a picture does not count; the penalty is fixed, nothing is chosen by the
folds. OUT/metrics.json has the figures, OUT/KIND/metrics.json those of each kind of number alone; with --against,
OUT/gain.json has network minus floor, paired.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from nearest_neighbour import paired_gain
from scipy import fft, ndimage
from skimage.feature import local_binary_pattern

from resmtnet.pipelines.evaluation.images.image_outcome import ImageOutcome
from resmtnet.pipelines.evaluation.images.image_outcomes_file import read_image_outcomes
from resmtnet.pipelines.evaluation.images.judged_images import JudgedImages
from resmtnet.pipelines.evaluation.images.write_image_scores import write_image_scores
from resmtnet.pipelines.evaluation.write_scores import write_figures
from resmtnet.pipelines.images.read_picture import read_picture
from resmtnet.pipelines.training.images.grouped_folds import grouped_folds
from resmtnet.pipelines.training.images.labelled_images import LabelledImage, read_labelled_images

F64 = npt.NDArray[np.float64]
RADII, NEIGHBOURS, RINGS, GREYS = (1, 2, 3), 8, 32, 45
PENALTY = 10.0
"""Half of it times the squared weights (of standardised numbers) is added to the summed loss; not tuned."""
TOLD = ("accuracy", "macro_f1", "auc")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset_dir", type=Path, help="a folder of the labelled_images form")
    parser.add_argument("output_dir", type=Path)
    parser.add_argument("--against", type=Path, metavar="OUTCOMES", help="outcomes.json of the network")
    parser.add_argument("--classes", nargs="+", default=["normal", "benign", "malignant"])
    parser.add_argument("--positive", default="malignant")
    parser.add_argument("--normal", default="normal")
    parser.add_argument("--n_folds", type=int, default=5)
    parser.add_argument("--fold_seed", type=int, default=0)
    options = parser.parse_args()
    images = read_labelled_images(options.dataset_dir, options.classes)
    kinds = texture_of_all(images)
    floor = judge_by(np.concatenate(list(kinds.values()), axis=1), images, options)
    report("all", floor, options.output_dir, options)
    for kind, values in kinds.items():
        report(kind, judge_by(values, images, options), options.output_dir / kind, options)
    if options.against is not None:
        gain = paired_gain(read_image_outcomes(options.against), floor)
        write_figures(gain, options.output_dir / "gain.json")
        print(json.dumps(gain, indent=1))


def texture_of_all(images: Sequence[LabelledImage]) -> Mapping[str, F64]:
    """Return ``(images, numbers)`` of each kind, by name."""
    rows = [texture_of(np.asarray(read_picture(image.path).grey, float)) for image in images]
    return {kind: np.stack([row[kind] for row in rows]) for kind in rows[0]}


def texture_of(grey: F64) -> Mapping[str, F64]:
    """Describe the grain and the grey values of a picture in [0, 1]."""
    levels = np.round(grey * 255).astype(np.uint8)
    patterns = [local_binary_pattern(levels, NEIGHBOURS, radius, "uniform") for radius in RADII]
    counts = [np.bincount(p.astype(int).ravel(), minlength=NEIGHBOURS + 2) / p.size for p in patterns]
    histogram = np.histogram(grey, GREYS, (0, 1))[0] / grey.size
    return {
        "patterns": np.sqrt(np.concatenate(counts)),
        "spectrum": radial_spectrum(grey),
        "histogram": np.sqrt(histogram),
    }


def radial_spectrum(grey: F64) -> F64:
    """Return the mean log power in rings of spatial frequency, from 0 to half a cycle per pixel."""
    window = np.outer(*(np.hanning(n) for n in grey.shape))
    power = np.abs(fft.fft2((grey - grey.mean()) * window)) ** 2 / (window**2).sum()
    rows, columns = (fft.fftfreq(n) for n in grey.shape)
    rings = np.minimum((np.hypot(rows[:, None], columns) * 2 * RINGS).astype(int), RINGS)  # the last: corners
    means = ndimage.mean(power, rings, np.arange(RINGS))
    return np.asarray(np.log(means + 1e-8), float)  # the rounding of 8 bits has a power of 1e-6


def judge_by(values: F64, images: Sequence[LabelledImage], options: argparse.Namespace) -> JudgedImages:
    """Fit and judge fold by fold."""
    labels, groups = np.array([image.label for image in images]), [image.group for image in images]
    folds = np.array(grouped_folds(labels.tolist(), groups, n=options.n_folds, seed=options.fold_seed))
    said = np.empty((len(images), len(options.classes)))
    for fold in range(options.n_folds):
        test = folds == fold
        said[test] = fit_and_predict(values[~test], labels[~test], values[test], len(options.classes))
    outcomes = tuple(
        ImageOutcome(file=image.file, group=image.group, label=image.label, probabilities=tuple(map(float, row)))
        for image, row in zip(images, said, strict=True)
    )
    normal = options.normal if options.normal in options.classes else None
    return JudgedImages(tuple(options.classes), options.positive, normal, outcomes)


def fit_and_predict(train: F64, labels: npt.NDArray[np.int64], test: F64, n_classes: int) -> F64:
    """Return the probabilities ``(test, classes)`` of a logistic regression on standardised numbers."""
    mean, spread = train.mean(0), train.std(0)
    x, other = (torch.from_numpy((values - mean) / np.where(spread > 0, spread, 1)) for values in (train, test))
    y = torch.from_numpy(labels).long()
    weight = torch.zeros(x.shape[1], n_classes, dtype=torch.float64, requires_grad=True)
    bias = torch.zeros(n_classes, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([weight, bias], max_iter=500, line_search_fn="strong_wolfe")

    def closure() -> Any:
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(x @ weight + bias, y, reduction="sum")
        loss = loss + PENALTY / 2 * (weight**2).sum()
        loss.backward()  # type: ignore[no-untyped-call]  # torch ships none for it
        return loss

    optimizer.step(closure)
    with torch.no_grad():
        return np.asarray((other @ weight + bias).softmax(1).numpy(), float)


def report(kind: str, judged: JudgedImages, folder: Path, options: argparse.Namespace) -> None:
    model = f"ridge-penalised logistic regression on {kind} of patterns, spectrum and histogram"
    about = {"data": options.dataset_dir.name, "split": f"{options.n_folds} folds by group", "model": model}
    metrics: Mapping[str, Any] = write_image_scores(judged, folder, about=about)
    figures = (f"{name} {metrics[name]:.3f} {[round(v, 3) for v in metrics[f'{name}_ci95'] or ()]}" for name in TOLD)
    print(f"{kind:10}", *figures, sep="  ")


if __name__ == "__main__":
    main()
