"""What each part of the training is worth: the same small budget, one thing taken away at a time.

    python tests/benchmarks/ablations.py lidc_nodules OUT --backgrounds_dir qin_lung_ct

Trains every variant from chance with the same seed, patches and number of steps, scores each on the validation subset
(patients of which none was trained on) and prints a Markdown table. A variant that is done is not trained again. The
budget is small: the table compares variants with each other, not with the shipped weights.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path

BUNDLE = Path(__file__).parents[2] / "bundles" / "lung_nodule_ct"
VARIANTS: dict[str, dict[str, object]] = {
    "all tasks, links, transplantation": {},
    "without residual links between the tasks": {"network_def::links": False},
    "without transplantation": {"transplant": False},
    "outline only": {"loss::heat": 0, "loss::box": 0, "loss::rating": 0},
    "rating only": {"loss::heat": 0, "loss::box": 0, "loss::mask": 0},
    "presence and box only": {"loss::mask": 0, "loss::rating": 0},
}
FIGURES = ("sensitivity_at_0.3", "dice_mean", "malignancy_auc", "malignancy_auc_modal", "malignancy_auc_6_14mm")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset_dir", type=Path, help="a folder of the lidc_nodules form")
    parser.add_argument("output_dir", type=Path)
    parser.add_argument("--backgrounds_dir", type=Path, required=True)
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--epoch_length", type=int, default=100)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    options = parser.parse_args()
    print("| variant | seed | " + " | ".join(FIGURES) + " |")
    print("|---|---|" + "---|" * len(FIGURES))
    for name, changes in VARIANTS.items():
        for seed in options.seeds:
            metrics = figures(name, {**changes, "seed": seed}, options)
            print(f"| {name} | {seed} | " + " | ".join(cell(metrics, f) for f in FIGURES) + " |", flush=True)


def figures(name: str, changes: dict[str, object], options: argparse.Namespace) -> dict[str, object]:
    folder = options.output_dir.resolve() / f"{name.replace(' ', '_').replace(',', '')}_{changes['seed']}"
    budget = {"max_epochs": options.epochs, "epoch_length": options.epoch_length, "val_interval": options.epochs}
    common = {"dataset_dir": options.dataset_dir.resolve(), "backgrounds_dir": options.backgrounds_dir.resolve()}
    common |= {"output_dir": folder, **changes}
    if not (folder / "models" / "model_last.pt").exists():
        run("configs/train.yaml", common | budget)
    if not (folder / "metrics.json").exists():
        checkpoint = {"checkpoint": folder / "models" / "model_last.pt", "evaluation_subsets": "$@validation_subsets"}
        run("['configs/train.yaml', 'configs/evaluate.yaml']", common | checkpoint)
    metrics: dict[str, object] = json.loads((folder / "metrics.json").read_text())
    return metrics


def run(config: str, changes: dict[str, object]) -> None:
    words = [word for name, value in changes.items() for word in (f"--{name}", str(value))]
    command = [sys.executable, "-m", "monai.bundle", "run", "--config_file", config, *words]
    subprocess.run(command, cwd=BUNDLE, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def cell(metrics: dict[str, object], name: str) -> str:
    value, interval = metrics[name], metrics[f"{name.removesuffix('_mean')}_ci95"]
    if not isinstance(value, float) or not isinstance(interval, list):
        return "-"
    return f"{value:.3f} [{interval[0]:.3f}, {interval[1]:.3f}]"


if __name__ == "__main__":
    main()
