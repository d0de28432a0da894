"""Score every nodule of LUNA16 subsets 0 to 7 by a network that was trained on other patients.

    python tests/benchmarks/cross_validation.py lidc_nodules OUT --backgrounds_dir qin_lung_ct

Four folds of two subsets. So that a laptop can do it, the folds of one half share the first part of their training, on
the other half: two networks are trained from chance on four subsets each, then each goes on twice, with two more
subsets. No fold chooses anything: the last weights count, and the calibration of malignancy is fitted on other
patients. Subsets 2 and 6, which share a patient, are tested together. What is done is not done again.
OUT/metrics.json holds the pooled figures.
"""

from __future__ import annotations

import argparse
import itertools
from pathlib import Path

from bundle_run import score, train

from resmtnet.pipelines.evaluation import score_outcomes

HALVES = (((0, 1), (2, 6)), ((3, 4), (5, 7)))
CHESTS = {"phantom_seeds": [101, 102], "validation_phantom_seeds": [201], "validation_patches": 16}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset_dir", type=Path, help="a folder of the lidc_nodules form")
    parser.add_argument("output_dir", type=Path)
    parser.add_argument("--backgrounds_dir", type=Path, required=True)
    parser.add_argument("--first_epochs", type=int, default=6, help="of 100 batches, from chance")
    parser.add_argument("--further_epochs", type=int, default=4, help="of 100 batches, with two more subsets")
    options = parser.parse_args()
    output = options.output_dir.resolve()
    common: dict[str, object] = {
        "dataset_dir": options.dataset_dir.resolve(),
        "backgrounds_dir": options.backgrounds_dir.resolve(),
        "epoch_length": 100,
        **CHESTS,
    }
    files = []
    for half, other in (HALVES, HALVES[::-1]):
        learnt = sorted(itertools.chain.from_iterable(other))
        first = {"train_subsets": learnt, "validation_subsets": list(half[0]), **budget(options.first_epochs)}
        first |= {"output_dir": output / f"first_{name(learnt)}", "freeze_after": options.first_epochs * 2 // 3}
        weights = train(common | first)
        for fold, sibling in (half, half[::-1]):
            folder = output / f"fold_{name(fold)}"
            further = {"train_subsets": sorted([*learnt, *sibling]), "validation_subsets": list(fold)}
            further |= {"initial_weights": weights, "freeze_after": 0, "learning_rate": 0.001, "output_dir": folder}
            last = train(common | further | budget(options.further_epochs))
            test = {"checkpoint": last, "evaluation_subsets": list(fold), "calibration": "$None"}
            plain = {"close_look::outline_probability": 0.5, "close_look::plain_up_to_mm": "$None"}  # fitted elsewhere
            score(common | test | plain | {"output_dir": folder})
            files.append(str(folder / "outcomes.json"))
    raise SystemExit(score_outcomes.main([*files, "--output", str(output), "--split", "four folds by patient"]))


def budget(epochs: int) -> dict[str, object]:
    return {"max_epochs": epochs, "val_interval": epochs}


def name(subsets: list[int] | tuple[int, ...]) -> str:
    return "".join(map(str, subsets))


if __name__ == "__main__":
    main()
