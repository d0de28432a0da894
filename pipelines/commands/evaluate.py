"""``resmtnet evaluate``: score detections, masks or a whole model against annotations."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..inference.exit_code import ExitCode
from .check_dataset import check_dataset
from .reading_options import at_least_one
from .say import fail, say
from .transplanted_options import TRANSPLANTED, TRANSPLANTED_WRITES, add_transplanted_options

if TYPE_CHECKING:
    from ..evaluation.detection.predictions import Predictions
    from ..evaluation.detection.true_scan import TrueScan

_DETECTIONS = """Score any detector's output by the LUNA16 rule (FROC, CPM) and, where boxes are said, by overlap
(AP and AR in 3D at IoU 0.1 to 0.5). All places are LPS mm.

PREDICTIONS may be
  a table       CSV or TSV: seriesuid, coordX, coordY, coordZ, probability (LUNA16 submission),
                or findings.csv of resmtnet infer; sizes as diameter_mm or size_x_mm, size_y_mm, size_z_mm
  JSON          case.json of resmtnet infer, or a list of {"image", "box": [[x, y, z, w, h, d]], "label_scores"}
                (MONAI detection, box mode cccwhd in world space)
  a folder      the output of resmtnet infer, or NIfTI masks <scan>.nii.gz (each connected part is a detection)

TRUTH may be
  a table       seriesuid, coordX, coordY, coordZ, diameter_mm (LUNA16 annotations.csv)
  a data list   data_list.json or its folder (see resmtnet's converters)
  a folder      NIfTI masks <scan>.nii.gz; an empty one is a scan without nodules

Rows that cannot be used are counted and named in faulty_rows.csv; a faulty truth is refused."""
_WRITES = """writes metrics.json, report.html, froc.csv, froc.svg, froc.png and, where boxes are said, overlap.svg and
overlap.png. Figures are given over all scans, over the scans with
nodules, and over the scans with predictions: say which one you quote."""
_MASKS = """Compare NIfTI masks, two files or the files of two folders by name: Dice, mean symmetric surface distance,
95 % Hausdorff distance (mm) and volume. Masks must lie on one grid."""
_MASK_FILES = "writes metrics.json, and cases.csv, which names the cases as their files are named"
_MODEL = """Run a bundle's train.yaml with evaluate.yaml over it, as python -m monai.bundle run would, on a folder of
the form that the bundle is trained on (its dataset_form): lidc_nodules, or labelled_images (images.csv with the columns
file, label and group). --weights takes the model.pt that resmtnet train wrote. DATASET_DIR must not hold what the model
was trained on: choose nodules with --subsets, images with --folds."""


def add_evaluate(command: argparse.ArgumentParser) -> None:
    """Add the things that can be scored, and their options."""
    what = command.add_subparsers(required=True, metavar="WHAT")
    _add_detections(_child(what, "detections", "score candidates: FROC, CPM, AP, AR", _DETECTIONS, _WRITES))
    masks = _child(what, "masks", "score masks: Dice, surface distance, volume", _MASKS, _MASK_FILES)
    masks.add_argument("predicted", type=Path, metavar="PREDICTED", help="NIfTI file, or folder of <case>.nii.gz")
    masks.add_argument("truth", type=Path, metavar="TRUTH", help="the same, with the same names")
    masks.set_defaults(command=_masks)
    short = "score a bundle's network on annotated nodules or images"
    model = _child(what, "model", short, _MODEL, "writes metrics.json and report.html")
    model.add_argument("dataset_dir", type=Path, metavar="DATASET_DIR", help="folder of the bundle's dataset_form")
    model.add_argument(
        "--bundle", default="lung_nodule_ct", help="name, or folder of a bundle you trust (it runs code)"
    )
    model.add_argument("--subsets", type=int, nargs="+", metavar="N", help="LUNA16 subsets to score (default: all)")
    model.add_argument(
        "--folds", type=int, nargs="+", metavar="N", help="folds of labelled images to score (default: all)"
    )
    model.add_argument("--weights", type=Path, metavar="FILE", help="a model.pt (default: that of the bundle)")
    model.set_defaults(command=_model)
    short = "score a bundle's whole pipeline on nodules put into scans"
    transplanted = _child(what, "transplanted", short, TRANSPLANTED, TRANSPLANTED_WRITES)
    add_transplanted_options(transplanted)
    transplanted.set_defaults(command=_transplanted)
    for child in (masks, model, transplanted):
        _add_common(child)


def _add_detections(command: argparse.ArgumentParser) -> None:
    command.add_argument("predictions", type=Path, metavar="PREDICTIONS", help="file or folder, see above")
    command.add_argument("--truth", type=Path, required=True, metavar="TRUTH", help="file or folder, see above")
    command.add_argument("--excluded", type=Path, metavar="CSV", help="LUNA16's annotations_excluded.csv")
    command.add_argument(
        "--scans", type=Path, metavar="CSV", help="the scans that count, one per line (LUNA16: seriesuids.csv)"
    )
    command.add_argument(
        "--probability-maps", type=Path, metavar="FOLDER", help="for masks: maps of the same names (default: all 1)"
    )
    command.add_argument(
        "--most-per-scan",
        type=at_least_one,
        default=100,
        metavar="N",
        help="the most probable candidates of a scan that count (default: %(default)s, as in LUNA16)",
    )
    command.add_argument(
        "--draws", type=at_least_one, default=1000, metavar="N", help="of the bootstrap (default: %(default)s)"
    )
    command.add_argument(
        "--match-scan-numbers",
        type=Path,
        metavar="CSV",
        help="PREDICTIONS number their scans from 0, and the list is lost: find by the annotations which number is "
        "which of the scans in CSV (seriesuid,subset; the numbers run through the subsets). This uses the truth",
    )
    command.set_defaults(command=_detections)
    _add_common(command)


def _child(what: Any, name: str, short: str, description: str, epilog: str) -> argparse.ArgumentParser:
    child: argparse.ArgumentParser = what.add_parser(
        name,
        help=short,
        description=description,
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    return child


def _add_common(command: argparse.ArgumentParser) -> None:
    command.add_argument("--output", type=Path, required=True, metavar="OUTPUT", help="folder for the figures")
    command.add_argument("--json", action="store_true", help="print metrics.json instead of the table")
    command.add_argument("--quiet", action="store_true", help="print nothing")
    command.add_argument("--debug", action="store_true", default=argparse.SUPPRESS, help="as of resmtnet evaluate")


def _detections(arguments: argparse.Namespace) -> int:
    from ..evaluation.detection.detection_files import detection_files
    from ..evaluation.detection.detection_table import detection_table
    from ..evaluation.detection.read_predictions import read_predictions
    from ..evaluation.detection.read_truth import read_truth
    from ..evaluation.detection.score_detections import score_detections
    from ..evaluation.detection.scoring_error import ScoringError

    try:
        truth = read_truth(arguments.truth, excluded=arguments.excluded, scans=arguments.scans)
        known = {scan.case for scan in truth}
        found = read_predictions(arguments.predictions, known, maps=arguments.probability_maps)
        found, matched = _named(found, truth, arguments.match_scan_numbers)
    except ScoringError as error:
        return fail(str(error), ExitCode.NOTHING_USABLE)
    scores = score_detections(
        truth, found, most_per_scan=arguments.most_per_scan, draws=arguments.draws, also={"scan_numbers": matched}
    )
    _write(arguments.output, detection_files(scores, found.faults))
    _say(arguments, scores.metrics, detection_table(scores))
    return int(ExitCode.SOME_NOT_DONE if found.faults else ExitCode.OK)


def _named(
    found: Predictions, truth: tuple[TrueScan, ...], blocks_csv: Path | None
) -> tuple[Predictions, Mapping[str, int] | None]:
    """Give numbered scans their names, and say how sure that is; refuse predictions of which no scan is known."""
    from dataclasses import replace

    from ..evaluation.detection.match_scan_numbers import match_scan_numbers
    from ..evaluation.detection.read_scan_blocks import read_scan_blocks
    from ..evaluation.detection.scoring_error import ScoringError

    if blocks_csv is not None:
        matched = match_scan_numbers(found.detections, truth, read_scan_blocks(blocks_csv))
        sure = {"n_scans": matched.n_scans, "n_explained_best_by_their_scan": matched.n_best}
        return replace(found, detections=matched.detections), sure
    if found.detections and not {d.case for d in found.detections} & {scan.case for scan in truth}:
        numbered = all(d.case.isdigit() for d in found.detections)
        hint = " They are numbers: see --match-scan-numbers." if numbered and len(truth) > 1 else ""
        raise ScoringError(f"The truth knows none of the scans that the predictions name.{hint}")
    return found, None


def _masks(arguments: argparse.Namespace) -> int:
    from ..evaluation.detection.scoring_error import ScoringError
    from ..evaluation.mask_score_files import mask_score_files
    from ..evaluation.score_masks import score_masks

    try:
        scores = score_masks(arguments.predicted, arguments.truth)
    except ScoringError as error:
        return fail(str(error), ExitCode.NOTHING_USABLE)
    _write(arguments.output, mask_score_files(scores))
    _say(arguments, scores.metrics, _lines(scores.metrics))
    return int(ExitCode.SOME_NOT_DONE if scores.faults else ExitCode.OK)


def _model(arguments: argparse.Namespace) -> int:
    from ..inference.bundle_root import bundle_root

    root = Path(bundle_root(arguments.bundle))
    check_dataset(arguments.dataset_dir, arguments.subsets, form=_dataset_form(root))
    _write(arguments.output, {})
    from ..import_monai import import_monai

    import_monai()
    from ..evaluation.run_evaluation import run_evaluation

    metrics = run_evaluation(
        root,
        arguments.dataset_dir,
        arguments.output,
        subsets=arguments.subsets,
        folds=arguments.folds,
        weights=arguments.weights,
    )
    _say(arguments, metrics, _lines(metrics))
    return int(ExitCode.OK)


def _dataset_form(root: Path) -> str:
    """Return what form of folder the bundle is trained on; a missing train.yaml is told later."""
    import yaml

    path = root / "configs" / "train.yaml"
    config = yaml.safe_load(path.read_text(encoding="utf-8")) if path.is_file() else None
    return str((config or {}).get("dataset_form", "lidc_nodules"))


def _transplanted(arguments: argparse.Namespace) -> int:
    from ..evaluation.detection.detection_files import detection_files
    from ..evaluation.detection.scoring_error import ScoringError
    from ..import_monai import import_monai

    import_monai()
    from ..evaluation.transplanted.run_transplanted import Transplanted, run_transplanted
    from ..evaluation.transplanted.transplanted_table import transplanted_table

    what = Transplanted(
        nodules=arguments.nodules,
        scans=arguments.scans,
        subsets=arguments.subsets,
        phantom_seeds=arguments.phantoms,
        scans_trained_on=arguments.trained_on,
        lesions=arguments.lesions,
        copies=arguments.copies,
        per_scan=arguments.per_scan,
        min_diameter_mm=arguments.min_diameter_mm,
        seed=arguments.seed,
        bundle=arguments.bundle,
    )
    _write(arguments.output, {})
    try:
        scores = run_transplanted(what)
    except ScoringError as error:
        return fail(str(error), ExitCode.NOTHING_USABLE)
    _write(arguments.output, detection_files(scores, ()))
    _say(arguments, scores.metrics, transplanted_table(scores))
    return int(ExitCode.SOME_NOT_DONE if scores.metrics["left_out"] else ExitCode.OK)


def _write(output: Path, files: Mapping[str, bytes]) -> None:
    from ..results.atomic_write import atomic_write
    from ..results.output_not_writable import writing

    with writing(output):
        output.mkdir(parents=True, exist_ok=True)
        for name, data in files.items():
            atomic_write(output / name, data)


def _say(arguments: argparse.Namespace, metrics: Mapping[str, Any], text: str) -> None:
    if arguments.json:
        say(json.dumps(metrics, indent=1))
    elif not arguments.quiet:
        say(text)


def _lines(metrics: Mapping[str, Any]) -> str:
    """One line per figure, with its interval."""
    lines = []
    width = max((len(name) for name, value in metrics.items() if _is_number(value)), default=0) + 2
    for name, value in metrics.items():
        if _is_number(value):
            ends = metrics.get(f"{name.removesuffix('_mean')}_ci95")
            interval = f"  ({ends[0]:.4g} to {ends[1]:.4g})" if isinstance(ends, list) else ""
            lines.append(f"{name:{max(width, 32)}}{value:10.4g}{interval}")
    return "\n".join(lines)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
