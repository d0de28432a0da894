"""Score every nodule of LUNA16 subsets 0 to 7 by a fusion network that was trained on other patients.

    python tests/benchmarks/fusion_cross_validation.py lidc_nodules OUT --backgrounds_dir qin_lung_ct

Four folds of two subsets; each network is trained from chance on the other six. No fold chooses anything: the last
weights count (model_last.pt), and the calibration of malignancy is fitted on other patients. Subsets 2 and 6, which
share a patient, are tested together. What is done is not done again, and --fold does one of them, so that several
machines can share the work. OUT/metrics.json holds the pooled figures.
"""

from __future__ import annotations

import argparse
import itertools
from pathlib import Path

import bundle_run

from resmtnet.pipelines.evaluation.fusion import score_places

FOLDS = ((0, 1), (2, 6), (3, 4), (5, 7))
BUNDLE = "lung_nodule_fusion"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset_dir", type=Path, help="a folder of the lidc_nodules form")
    parser.add_argument("output_dir", type=Path)
    parser.add_argument("--backgrounds_dir", type=Path, required=True)
    parser.add_argument("--epochs", type=int, default=24, help="of 60 batches of 16")
    parser.add_argument("--fold", type=int, choices=range(len(FOLDS)), help="train and score this one only")
    options = parser.parse_args()
    output = options.output_dir.resolve()
    chosen = FOLDS if options.fold is None else FOLDS[options.fold : options.fold + 1]
    folders = [fold_folder(fold, options, output) for fold in chosen]
    if options.fold is not None:
        return
    said = ["--output", str(output), "--data", "LIDC-IDRI nodules", "--split", "four folds by patient, last weights"]
    raise SystemExit(score_places.main([*map(str, folders), *said]))


def fold_folder(fold: tuple[int, int], options: argparse.Namespace, output: Path) -> Path:
    """Train on the other folds and score this one, unless that is done; return where the figures are."""
    folder = output / f"fold_{''.join(map(str, fold))}"
    common: dict[str, object] = {
        "dataset_dir": options.dataset_dir.resolve(),
        "backgrounds_dir": options.backgrounds_dir.resolve(),
        "output_dir": folder,
    }
    learnt = sorted(itertools.chain.from_iterable(other for other in FOLDS if other != fold))
    last = bundle_run.train(
        common
        | {"train_subsets": learnt, "validation_subsets": list(fold), "resume": "auto"}
        | {"max_epochs": options.epochs, "val_interval": options.epochs},
        bundle=BUNDLE,
    )
    scored = {"checkpoint": last, "evaluation_subsets": list(fold), "calibration": "$None"}
    bundle_run.score(common | scored, bundle=BUNDLE)
    return folder


if __name__ == "__main__":
    main()
