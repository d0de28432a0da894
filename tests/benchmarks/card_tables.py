"""The tables of the model cards, from figures and configs, as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

Figures = Mapping[str, Any]


class Row(NamedTuple):
    """A figure by its name, and what the card calls it."""

    name: str
    what: str
    unit: str = ""
    digits: int = 3


IMAGE_ROWS = (
    Row("accuracy", "accuracy"),
    Row("macro_f1", "macro F1"),
    Row("auc", "malignant against rest: AUC"),
    Row("auc_against_lesions", "malignant against benign: AUC"),
    Row("sensitivity_at_0.5", "malignant at a probability of 0.5: sensitivity"),
    Row("specificity_at_0.5", "the same: specificity, benign"),
    Row("specificity_at_0.5_against_rest", "the same: specificity, benign and normal"),
    Row("specificity_at_sensitivity_94", "specificity at sensitivity 0.94, benign, threshold chosen on these images"),
    Row("specificity_at_sensitivity_94_against_rest", "the same, benign and normal"),
    Row("specificity_at_sensitivity_94_cross_fitted", "the same, benign, threshold chosen on other groups"),
    Row("sensitivity_cross_fitted", "sensitivity that came out there"),
    Row("ece", "calibration error (ECE, 10 bins) of the class said"),
    Row("ece_positive", "calibration error of malignant"),
    Row("dice_mean", "Dice, mean over the images with a lesion, missed ones included"),
    Row("dice_median", "Dice, median"),
    Row("dice_missed_share", "lesions missed altogether (no pixel in common), share"),
    Row("false_area_on_normal_share", "images without a lesion where an area is outlined, share"),
)
FUSION_ROWS = (
    Row("malignancy_auc", "malignancy, mean rating < 2.5 against > 3.5, at least 3 readers: AUC"),
    Row("malignancy_auc_modal", "malignancy, modal rating 1-2 against 4-5: AUC"),
    Row("malignancy_auc_6_14mm", "the same, 6 to 14 mm only"),
    Row("malignancy_auc_mean_3_up", "mean rating 3 or more against less, none left out: AUC"),
    Row("malignancy_concordance", "order of the mean rating (concordance)"),
    Row("malignancy_spearman", "order of the mean rating (Spearman)"),
    Row("accuracy", "benign or malignant by the first rule, at a probability of 0.5: accuracy"),
    Row("macro_f1", "the same: macro F1"),
    Row("ece_uncalibrated", "calibration error (ECE, 10 bins) as the network says"),
    Row("ece_cross_calibrated", "the same, calibrated on other patients"),
    Row("presence_auc", "nodule against lung without one: AUC"),
    Row("location_error_mm", "distance of the said from the annotated centre", " mm", 2),
    Row("diameter_mae_mm", "longest axial diameter: mean absolute error", " mm", 2),
    Row("diameter_bias_mm", "its bias", " mm", 2),
)
PER_CLASS = ("precision", "recall", "f1")
NOT_MEASURED = "Not measured yet.\n"


def interval_of(figures: Figures, name: str) -> Sequence[float] | None:
    """Return the 95 % interval of a figure; that of ``dice_mean`` may be called ``dice_ci95``."""
    found: Sequence[float] | None = figures.get(f"{name}_ci95") or figures.get(f"{name.removesuffix('_mean')}_ci95")
    return found


def image_tables(figures: Figures, floors: Mapping[str, Figures], gains: Mapping[str, Figures]) -> str:
    """Say what was measured on labelled images: figures beside floors, each class, and what is taken for what."""
    rows = [
        [row.what, _value(figures, row), _interval(figures, row), *(cell(floor, row) for floor in floors.values())]
        for row in IMAGE_ROWS
        if row.name in figures
    ]
    parts = [_counts(figures), table(["what", "figure", "95 % interval", *floors], rows)]
    if said := list(_gain_lines(gains)):
        parts.append(table(["what, on the same images", "difference", "95 % interval"], said))
    return "\n".join([*parts, _per_class(figures), _confusion(figures)])


def fusion_table(figures: Figures) -> str:
    """Say what was measured on nodules, beside the readers' diameter alone, with the paired gain."""
    head = ["what", "figure", "95 % interval", "the readers' diameter alone", "paired gain"]
    rows = [
        [row.what, _value(figures, row), _interval(figures, row), *(cell(figures, _of(row, of)) for of in _FLOOR)]
        for row in FUSION_ROWS
        if row.name in figures
    ]
    sides = figures["n_by_rule"]
    rules = {"mean": "the first rule", "modal": "the modal one", "6_14mm": "that within 6 to 14 mm"}
    of = "; ".join(f"{sides[r]['malignant']} and {sides[r]['benign']} by {what}" for r, what in rules.items())
    counts = (
        f"{figures['n_nodules']} nodules of {figures['n_patients']} patients ({of}, malignant and benign) and "
        f"{figures['n_places_without_nodule']} places of lung.\n"
    )
    return f"{counts}\n{table(head, rows)}"


def texture_line(figures: Figures) -> str:
    """Say how far a classifier comes that sees nothing of where something is."""
    rows = (row for row in IMAGE_ROWS if row.name in ("accuracy", "macro_f1", "auc"))
    said = ", ".join(f"{row.what} {cell(figures, row)}" for row in rows)
    return f"Texture and grey values alone, {figures['n_images']} images of {figures['n_groups']} groups: {said}.\n"


def speed_lines(said: Figures) -> str:
    """Say how fast and how large a network was measured to be."""
    seconds, looks = said["seconds_per_image"], said["mirrors"]
    return (
        f"{seconds:.3f} s per image on one core ({looks} mirror images, from grey values in memory to the answer), "
        f"{said['parameters'] / 1e6:.2f} M parameters, {said['mflop_per_look']:.0f} MFLOP per look, "
        f"{said['weights_mb']:.1f} MB of weights.\n"
    )


def curve_table(rows: Sequence[Mapping[str, str]]) -> str:
    """Show sensitivity and specificity by q, with what the theory says of them."""
    shown = []
    for row in rows:
        numbers = {name: float(text) for name, text in row.items()}
        line = [f"{numbers['q']:g}"]
        for rate in ("sensitivity", "specificity"):
            ends = f"{numbers[f'{rate}_low']:.3f} to {numbers[f'{rate}_high']:.3f}"
            line += [f"{numbers[rate]:.3f} ({ends})", f"{numbers[f'{rate}_theory']:.3f}"]
        shown.append(line)
    return table(["q", "sensitivity", "by theory", "specificity, benign", "by theory"], shown)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


_FLOOR = ("_diameter_only", "_gain")


def _of(row: Row, suffix: str) -> Row:
    return row._replace(name=row.name + suffix)


def _number(value: float | None, row: Row) -> str:
    return "-" if value is None else f"{value:.{row.digits}f}"


def _value(figures: Figures, row: Row) -> str:
    return _number(figures[row.name], row) + ("" if figures[row.name] is None else row.unit)


def _interval(figures: Figures, row: Row) -> str:
    ends = interval_of(figures, row.name)
    return "-" if ends is None else f"{_number(ends[0], row)} to {_number(ends[1], row)}"


def cell(figures: Figures, row: Row) -> str:
    """Return value and interval in one cell; empty where there is none."""
    if figures.get(row.name) is None:
        return ""
    return f"{_value(figures, row)} ({_interval(figures, row)})"


def _counts(figures: Figures) -> str:
    lesions = f", {figures['n_with_lesion']} with a lesion" if "n_with_lesion" in figures else ""
    of = f"{figures['n_images']} images of {figures['n_groups']} groups{lesions}"
    return f"{of}; {figures['split']}; intervals by group.\n"


def _gain_lines(gains: Mapping[str, Figures]) -> Iterator[list[str]]:
    for floor, figures in gains.items():
        for name, what in (("accuracy_gain", "accuracy"), ("macro_f1_gain", "macro F1")):
            row = Row(name, f"{what}: network minus {floor}")
            yield [row.what, _value(figures, row), _interval(figures, row)]


def _per_class(figures: Figures) -> str:
    rows = [
        [name, str(said["n_images"]), *(cell(said, Row(figure, "")) for figure in PER_CLASS)]
        for name, said in figures["per_class"].items()
    ]
    return table(["class", "images", "precision", "recall", "F1"], rows)


def _confusion(figures: Figures) -> str:
    classes = figures["classes"]
    counted = zip(classes, figures["confusion"], strict=True)
    return table(["true class", *(f"said {c}" for c in classes)], [[c, *map(str, row)] for c, row in counted])
