"""What each part of the training is worth: the same small budget, one thing taken away at a time.

    python tests/benchmarks/ablations.py lidc_nodules OUT --backgrounds_dir qin_lung_ct

Trains every variant from chance with the same seed, patches and number of steps on LUNA16 subsets 0 to 4, scores each
on subsets 5 to 7 (other patients) and prints a Markdown table. A variant that is done is not trained again. The budget
is small: the table compares variants with each other, not with the shipped weights.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path

from bundle_run import score, train

VARIANTS: dict[str, dict[str, object]] = {
    "all tasks, links, transplantation": {},
    "without residual links between the tasks": {"network_def::links": False},
    "without transplantation": {"transplant": False},
    "outline only": {"loss::heat": 0, "loss::box": 0, "loss::rating": 0},
    "rating only": {"loss::heat": 0, "loss::box": 0, "loss::mask": 0},
    "presence and box only": {"loss::mask": 0, "loss::rating": 0},
}
SPLIT: dict[str, object] = {
    "train_subsets": [0, 1, 2, 3, 4],
    "validation_subsets": [5, 6, 7],
    "phantom_seeds": [101, 102],
    "validation_phantom_seeds": [201],
    "validation_patches": 16,
}
FIGURES = {  # and the task that must have been trained
    "sensitivity_at_0.1": "heat",
    "dice_mean": "mask",
    "malignancy_auc": "rating",
    "malignancy_auc_modal": "rating",
    "malignancy_auc_6_14mm": "rating",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset_dir", type=Path, help="a folder of the lidc_nodules form")
    parser.add_argument("output_dir", type=Path)
    parser.add_argument("--backgrounds_dir", type=Path, required=True)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--epoch_length", type=int, default=100)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    options = parser.parse_args()
    print("| variant | seed | " + " | ".join(FIGURES) + " |")
    print("|---|---|" + "---|" * len(FIGURES))
    for name, changes in VARIANTS.items():
        for seed in options.seeds:
            metrics = figures(name, {**changes, "seed": seed}, options)
            cells = [cell(metrics, f) if changes.get(f"loss::{task}") != 0 else "-" for f, task in FIGURES.items()]
            print(f"| {name} | {seed} | {' | '.join(cells)} |", flush=True)


def figures(name: str, changes: dict[str, object], options: argparse.Namespace) -> Mapping[str, object]:
    folder = options.output_dir.resolve() / f"{name.replace(' ', '_').replace(',', '')}_{changes['seed']}"
    budget = {"max_epochs": options.epochs, "epoch_length": options.epoch_length, "val_interval": options.epochs}
    common = {"dataset_dir": options.dataset_dir.resolve(), "backgrounds_dir": options.backgrounds_dir.resolve()}
    common |= {"output_dir": folder, **SPLIT, **changes}
    weights = train(common | budget)
    return score(common | {"checkpoint": weights, "evaluation_subsets": SPLIT["validation_subsets"]})


def cell(metrics: Mapping[str, object], name: str) -> str:
    value, interval = metrics[name], metrics[f"{name.removesuffix('_mean')}_ci95"]
    if not isinstance(value, float) or not isinstance(interval, list):
        return "-"
    return f"{value:.3f} [{interval[0]:.3f}, {interval[1]:.3f}]"


if __name__ == "__main__":
    main()
