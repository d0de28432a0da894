"""Score every labelled image by a network that was trained on the images of other groups (patients).

    python tests/benchmarks/image_cross_validation.py iq_othnccd OUT --bundle lung_ct_classification --jobs 2
    python tests/benchmarks/image_cross_validation.py busi OUT --bundle breast_ultrasound --folds 0 1 --set size=224

For each fold the network is trained on the others, for as many epochs as train.yaml says: no epoch is chosen, the last
weights count. With --jobs 2 two folds are trained at once with one thread each, which on two cores is faster than one
after the other with two. What is done is not done again, and a training that was stopped goes on.
OUT/metrics.json, report.html and the plots hold the pooled figures of the folds that were asked for.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import yaml
from bundle_run import score, train

from resmtnet.pipelines.evaluation import score_outcomes

Settings = Mapping[str, object]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_common(parser)
    parser.add_argument("--n_folds", type=int, default=5)
    parser.add_argument("--folds", type=int, nargs="+", metavar="N", help="folds to train and score (default: all)")
    options = parser.parse_args()
    output, folds = options.output_dir.resolve(), options.folds or range(options.n_folds)
    common = common_settings(options) | {"n_folds": options.n_folds}

    def fold(number: int) -> str:
        return one_fold(number, output / f"fold_{number}", common, options)

    with ThreadPoolExecutor(options.jobs) as pool:
        files = list(pool.map(fold, folds))
    split = (
        f"{len(files)} of {options.n_folds} folds by group, each scored by the last weights of a training without it"
    )
    data = options.dataset_dir.name
    raise SystemExit(score_outcomes.main([*files, "--output", str(output), "--split", split, "--data", data]))


def one_fold(number: int, folder: Path, settings: Settings, options: argparse.Namespace) -> str:
    """Train without a fold and score it; return the file of its outcomes."""
    threads = 1 if options.jobs > 1 else None
    own = {**settings, "output_dir": folder, "fold": number}
    weights = train({**own, "resume": "auto"}, bundle=options.bundle, threads=threads)
    score({**own, "checkpoint": weights, "evaluation_folds": [number]}, bundle=options.bundle, threads=threads)
    return str(folder / "outcomes.json")


def add_common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("dataset_dir", type=Path, help="a folder of the labelled_images form")
    parser.add_argument("output_dir", type=Path)
    parser.add_argument("--bundle", required=True, help="lung_ct_classification or breast_ultrasound")
    parser.add_argument("--jobs", type=int, choices=(1, 2), default=1, help="folds that are trained at once")
    parser.add_argument("--set", action="append", default=[], type=setting, metavar="ID=VALUE", dest="settings")


def common_settings(options: argparse.Namespace) -> dict[str, object]:
    """Return what all trainings share; loaders get no processes of their own where two folds share two cores."""
    shared: dict[str, object] = {"dataset_dir": options.dataset_dir.resolve()}
    return shared | ({"workers": 0} if options.jobs > 1 else {}) | dict(options.settings)


def setting(text: str) -> tuple[str, object]:
    name, _, value = text.partition("=")
    return name, yaml.safe_load(value)


if __name__ == "__main__":
    main()
