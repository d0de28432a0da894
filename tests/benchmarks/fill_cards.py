"""Write what was measured into the model cards, metadata and README; ``--check`` says what is not up to date.

    python tests/benchmarks/fill_cards.py

Of each bundle here it reads the files of docs/figures that are there (and writes "Not measured yet" for the others):

    cross_validation.json       metrics.json of image_cross_validation.py, or of fusion_cross_validation.py
    metrics.json                of resmtnet evaluate model, the shipped weights on what they were not trained on
    nearest_neighbour.json, gain_nearest_neighbour.json    metrics.json and gain.json of nearest_neighbour.py
    texture.json, gain_texture.json                        the same of texture_floor.py
    speed.json                  of image_speed.py
    sensitivity_curve.csv       of sensitivity_curve.py

It rewrites the card between ``<!-- NAME: begin -->`` and ``<!-- NAME: end -->``, ``eval_metrics`` of metadata.json, the
table of README.md, and docs/figures/weights.json, which holds the SHA-256 of models/model.pt. Nothing else is touched.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import io
import json
import re
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import card_tables as tables
import yaml
from card_tables import Figures, interval_of

ROOT = Path(__file__).parents[2]
IMAGES = {"lung_ct_classification": "IQ-OTH/NCCD", "breast_ultrasound": "BUSI"}
FUSION = "lung_nodule_fusion"
FLOORS = {"nearest neighbour": "nearest_neighbour", "texture alone": "texture"}
OF_FLOORS = {
    "nearest_neighbour": ("accuracy", "macro_f1"),  # it tells classes, no probabilities
    "texture": ("accuracy", "macro_f1", "auc", "auc_against_lesions", "specificity_at_sensitivity_94"),
}
TOLD = (
    *("accuracy", "macro_f1", "auc", "auc_against_lesions", "specificity_at_sensitivity_94"),
    *("dice_mean", "dice_missed_share", "malignancy_auc", "malignancy_auc_modal", "malignancy_auc_6_14mm"),
    *("presence_auc", "diameter_mae_mm", "location_error_mm", "ece_cross_calibrated"),
)
"""Of them, in this order, those that were measured go into the metadata."""
SHIPPED = ("accuracy", "macro_f1", "auc", "dice_mean", "dice_missed_share", "false_area_on_normal_share")
IN_README = {
    **{"accuracy": "accuracy", "macro_f1": "macro F1", "auc": "malignant against rest: AUC"},
    **{"dice_mean": "Dice", "malignancy_auc": "malignancy AUC (mean rating < 2.5 against > 3.5)"},
}
RECIPE = (
    *("seed", "size", "max_epochs", "epoch_length", "batch_size", "learning_rate", "warmup_share", "weight_decay"),
    *("ema_decay", "max_norm", "precision", "class_balance", "group_balance", "class_q", "label_smoothing"),
    *("mask_weight", "label_weight", "tones", "smooth", "detail_size", "detail_gain", "mean", "std"),
    *("train_subsets", "validation_subsets", "negative_share", "transplant_share", "validation_patches"),
)
NOT_MEASURED = {"data": "not measured yet"}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=Path, default=ROOT, help="of the repository (default: this one)")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if something is not up to date")
    options = parser.parse_args()
    wanted = {path: text for name in (*IMAGES, FUSION) for path, text in of_bundle(options.root, name).items()}
    wanted |= of_readme(options.root, wanted)
    stale = [path for path, text in wanted.items() if text != (path.read_text() if path.exists() else None)]
    for path in stale:
        print(path.relative_to(options.root))
        if options.check:
            continue
        text = wanted[path]
        path.unlink() if text is None else path.write_text(text)
    return int(options.check and bool(stale))


def of_bundle(root: Path, name: str) -> dict[Path, str | None]:
    """Return what the files of a bundle should hold; None: there should be none."""
    bundle = root / "bundles" / name
    said = {path.stem: json.loads(path.read_text()) for path in (bundle / "docs" / "figures").glob("*.json")}
    card, metadata = bundle / "docs" / "README.md", bundle / "configs" / "metadata.json"
    text = card.read_text()
    for block, content in blocks(bundle, said).items():
        text = filled(text, block, content)
    told = json.loads(metadata.read_text()) | {"eval_metrics": eval_metrics(bundle, said)}
    return {
        card: text,
        metadata: json.dumps(told, indent=2) + "\n",
        bundle / "docs" / "figures" / "weights.json": weights(bundle / "models" / "model.pt"),
    }


def blocks(bundle: Path, said: Mapping[str, Figures]) -> dict[str, str]:
    """Return the generated parts of a card by their names."""
    recipe = {"recipe": recipe_table(bundle), "weights": weights_line(bundle)}
    if bundle.name == FUSION:
        parts = {"figures": "metrics", "cross-validation": "cross_validation"}
        return recipe | {
            b: tables.fusion_table(said[f]) if f in said else tables.NOT_MEASURED for b, f in parts.items()
        }
    curve = bundle / "docs" / "figures" / "sensitivity_curve.csv"
    return {
        **recipe,
        "shipped": shipped(said["metrics"]) if "metrics" in said else tables.NOT_MEASURED,
        "texture": tables.texture_line(said["texture"]) if "texture" in said else tables.NOT_MEASURED,
        "figures": image_figures(said),
        "speed": tables.speed_lines(said["speed"]) if "speed" in said else tables.NOT_MEASURED,
        **({"curve": q_curve(curve)} if bundle.name == "breast_ultrasound" else {}),
    }


def image_figures(said: Mapping[str, Figures]) -> str:
    floors = {what: floor(said[file], OF_FLOORS[file]) for what, file in FLOORS.items() if file in said}
    gains = {what: said[f"gain_{file}"] for what, file in FLOORS.items() if f"gain_{file}" in said}
    if "cross_validation" in said:
        return tables.image_tables(said["cross_validation"], floors, gains)
    rows = [row for row in tables.IMAGE_ROWS if any(row.name in floor for floor in floors.values())]
    shown = [[row.what, *(tables.cell(floor, row) for floor in floors.values())] for row in rows]
    return tables.NOT_MEASURED + (f"\n{tables.table(['what', *floors], shown)}" if floors else "")


def floor(figures: Figures, names: Sequence[str]) -> Figures:
    """Return these figures and their intervals alone."""
    return {key: value for key, value in figures.items() if key.removesuffix("_ci95") in names}


def q_curve(path: Path) -> str:
    if not path.exists():
        return tables.NOT_MEASURED
    text = tables.curve_table(list(csv.DictReader(io.StringIO(path.read_text()))))
    picture = path.with_suffix(".svg")
    return text + (f"\n![sensitivity and specificity by q](figures/{picture.name})\n" if picture.exists() else "")


def weights_line(bundle: Path) -> str:
    said = weights(bundle / "models" / "model.pt")
    if said is None:
        return "No weights are shipped yet.\n"
    told = json.loads(said)
    return f"`{told['file']}`, {told['bytes'] / 1e6:.1f} MB, SHA-256 `{told['sha256']}`.\n"


def recipe_table(bundle: Path) -> str:
    """Show the numbers of train.yaml, with what is said of each there."""
    text = (bundle / "configs" / "train.yaml").read_text()
    config = yaml.safe_load(text)
    rows = []
    for name in RECIPE:
        if name in config and not str(config[name]).startswith("$"):
            found = re.search(rf"^{name}: .*?(?:\s#\s*(.*))?$", text, re.MULTILINE)
            value = "null" if config[name] is None else str(config[name])
            rows.append([f"`{name}`", value, (found and found[1]) or ""])
    return tables.table(["id", "value", "what"], rows)


def eval_metrics(bundle: Path, said: Mapping[str, Figures]) -> dict[str, Any]:
    """Return what the metadata says was measured, to three digits, each figure with its interval."""
    if bundle.name == FUSION and "cross_validation" in said:
        figures = said["cross_validation"]
        data = f"LIDC-IDRI: {nodules_of(figures)}, four folds, each scored by the last weights of a training without it"
    elif bundle.name == FUSION and "metrics" in said:
        figures = said["metrics"]
        subsets = ", ".join(map(str, figures["luna16_subsets"]))
        data = f"LIDC-IDRI nodules of LUNA16 subset {subsets} (validation): {nodules_of(figures)}, the shipped weights"
    elif bundle.name in IMAGES and "cross_validation" in said:
        figures = said["cross_validation"]
        data = f"{IMAGES[bundle.name]}: {counted(figures)}, {figures['split']}"
    else:
        return dict(NOT_MEASURED)
    found: dict[str, Any] = {"data": data}
    for name in TOLD:
        ends = interval_of(figures, name)
        if figures.get(name) is not None:
            found[name] = round(figures[name], 3)
            found |= {f"{name}_ci95": [round(end, 3) for end in ends]} if ends else {}
    return found


def nodules_of(figures: Figures) -> str:
    return f"{figures['n_nodules']} nodules of {figures['n_patients']} patients"


def counted(figures: Figures) -> str:
    return f"{figures['n_images']} images of {figures['n_groups']} groups"


def shipped(figures: Figures) -> str:
    """Say how the shipped weights do on the fold that they were not trained on."""
    rows = (row for row in tables.IMAGE_ROWS if row.name in SHIPPED and figures.get(row.name) is not None)
    said = "; ".join(f"{row.what} {tables.cell(figures, row)}" for row in rows)
    return f"Fold {', '.join(map(str, figures['folds']))}, {counted(figures)}: {said}.\n"


def weights(path: Path) -> str | None:
    if not path.exists():
        return None
    data = path.read_bytes()
    return json.dumps({"file": f"models/{path.name}", "bytes": len(data), "sha256": sha256(data)}, indent=1) + "\n"


def of_readme(root: Path, wanted: Mapping[Path, str | None]) -> dict[Path, str | None]:
    """Return README.md with one line per bundle, as their metadata should be."""
    rows = []
    for name in (*IMAGES, FUSION):
        told = json.loads(wanted[root / "bundles" / name / "configs" / "metadata.json"] or "")
        figures = told["eval_metrics"]
        keys = ("malignancy_auc",) if name == FUSION else tuple(IN_README)
        shown = [f"{IN_README[key]} {in_short(figures, key)}" for key in keys if key in figures]
        card = f"[{name}](bundles/{name}/docs/README.md)"
        rows.append([card, told["task"], "; ".join(shown) or "not measured yet", figures["data"] if shown else ""])
    readme = root / "README.md"
    text = filled(readme.read_text(), "bundles", tables.table(["bundle", "task", "figures", "measured on"], rows))
    return {readme: text}


def in_short(figures: Figures, name: str) -> str:
    ends = interval_of(figures, name)
    return f"{figures[name]:.3f}" + (f" ({ends[0]:.3f} to {ends[1]:.3f})" if ends else "")


def filled(text: str, block: str, content: str) -> str:
    """Put ``content`` between the marks of a block, which must be there once."""
    marked = re.compile(rf"(<!-- {block}: begin -->\n).*?(<!-- {block}: end -->)", re.DOTALL)
    done, n = marked.subn(partial(_between, content), text)
    if n != 1:
        raise SystemExit(f"expected <!-- {block}: begin --> and end once, found it {n} times in a text of {len(text)}")
    return done


def _between(content: str, found: re.Match[str]) -> str:
    return f"{found[1]}\n{content}\n{found[2]}"


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


if __name__ == "__main__":
    raise SystemExit(main())
