"""Read a folder of the ``labelled_images`` form: which image shows what, and of whom it is."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ...ingest.input_path_error import InputPathError

_TABLE = "images.csv"
_COLUMNS = ("file", "label", "group")
_FAULTS_SHOWN = 5


@dataclass(frozen=True)
class LabelledImage:
    """One image of the table.

    file : as the table names it, relative to the folder.
    label : number of its class, in the order of the classes that were asked for.
    group : patient, or what stands for one; images of a group are never divided between folds.
    path : of the image.
    mask_path : of the lesion's mask ``<stem>_mask.png`` beside it, None where there is none.
    row : of the table, where the header is row 1; messages name it, since file names may tell of patients.
    """

    file: str
    label: int
    group: str
    path: Path
    mask_path: Path | None
    row: int = 0


def read_labelled_images(
    folder: Path, classes: Sequence[str], *, left_out: Collection[str] = ()
) -> tuple[LabelledImage, ...]:
    """Read ``images.csv`` (columns file, label, group; others are ignored), in the order of its rows.

    Parameters
    ----------
    classes : their names, in the order of the network's outputs.
    left_out : labels whose images are passed over.

    Raises
    ------
    InputPathError
        The folder or the table is not there, the table cannot be read or is empty, or a row is faulty: no value, a
        label that is none of ``classes`` or ``left_out``, an image that is outside the folder, missing or named twice.
    """
    if not folder.is_dir():
        raise InputPathError(f"cannot read {folder}: expected a folder of the labelled_images form, found none.")
    rows = _rows(folder)
    again = {file for file, n in Counter(PurePosixPath(row["file"]) for row in rows).items() if n > 1}
    faults = [
        f"row {number}: {fault}"
        for number, row in enumerate(rows, start=2)
        if (fault := _fault(row, folder, {*classes, *left_out}, again)) is not None
    ]
    if faults:
        more = f" (and {len(faults) - _FAULTS_SHOWN} more)" if len(faults) > _FAULTS_SHOWN else ""
        raise InputPathError(f"{_TABLE} in {folder} is faulty: {'; '.join(faults[:_FAULTS_SHOWN])}{more}.")
    images = tuple(_image(row, folder, classes, n) for n, row in enumerate(rows, start=2) if row["label"] in classes)
    if not images:
        raise InputPathError(f"{_TABLE} in {folder} has no image of the classes {', '.join(classes)}.")
    return images


def _rows(folder: Path) -> Sequence[Mapping[str, str]]:
    table = folder / _TABLE
    if not table.is_file():
        raise InputPathError(
            f"{folder} is no folder of the labelled_images form: {_TABLE} not found there. "
            f"Write one with the columns {', '.join(_COLUMNS)}; group is the patient."
        )
    try:
        with table.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            columns = reader.fieldnames or ()
            rows = [{name: (row.get(name) or "").strip() for name in _COLUMNS} for row in reader]
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputPathError(f"{table} cannot be read: expected comma-separated text in UTF-8.") from error
    if missing := [name for name in _COLUMNS if name not in columns]:
        raise InputPathError(f"{table} has no column {', '.join(missing)}: expected {', '.join(_COLUMNS)}.")
    return rows


def _fault(
    row: Mapping[str, str], folder: Path, labels: Collection[str], again: Collection[PurePosixPath]
) -> str | None:
    if empty := [name for name in _COLUMNS if not row[name]]:
        return f"no {', '.join(empty)}"
    if row["label"] not in labels:
        return f"label {row['label']!r} is none of {', '.join(sorted(labels))}; set classes or left_out to suit"
    named = PurePosixPath(row["file"])
    if named.is_absolute() or ".." in named.parts:
        return "the image is outside the folder; name it relative to the folder and put it inside"
    if not (folder / named).is_file():
        return "there is no such image"
    return "the image is named more than once" if named in again else None


def _image(row: Mapping[str, str], folder: Path, classes: Sequence[str], number: int) -> LabelledImage:
    path = folder / row["file"]
    mask = path.with_name(f"{path.stem}_mask.png")
    label = list(classes).index(row["label"])
    return LabelledImage(row["file"], label, row["group"], path, mask if mask.is_file() else None, number)
