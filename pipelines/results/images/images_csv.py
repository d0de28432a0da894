"""``images.csv``: one row per image case."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from ..run_info import RunInfo
from .image_record import ImageRecord

_DONE = ("ok", "warned")


def images_csv(cases: Sequence[ImageRecord], run: RunInfo) -> bytes:
    """Encode every case, by case id; what is not known of it is empty.

    ``p_<class>`` are the case's probabilities; ``key_number`` is its most positive frame or slice (from 0), whose mask
    ``mask_share`` (of the picture) and ``mask_mm2`` are.
    """
    classes = list(dict.fromkeys(name for case in cases for name in case.classes))
    head = ["case_id", "status", "codes", "predicted", *(f"p_{name}" for name in classes)]
    tail = ["n_pictures", "n_used", "key_number", "rows", "columns", "mask_share", "mask_mm2"]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*head, *tail])
    for case in sorted(cases, key=lambda one: one.case_id):
        shares = [_number(case.classes.get(name), 6) for name in classes]
        said = [case.predicted, *shares] if case.status in _DONE else [""] * (1 + len(classes))
        writer.writerow([case.case_id, case.status, " ".join(case.codes), *said, *_of_key(case)])
    return text.getvalue().encode()


def _of_key(case: ImageRecord) -> list[object]:
    if not case.pictures:
        return [""] * 7
    key = case.pictures[case.key]
    sizes = [case.n_pictures, len(case.pictures), key["number"], key["rows"], key["columns"]]
    return [*sizes, _number(key["mask_share"], 6), _number(key["mask_mm2"], 2)]


def _number(value: float | None, digits: int) -> str:
    return "" if value is None else f"{value:.{digits}f}"
