"""The lung task of the Medical Segmentation Decathlon to a data list."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from ..ingest.case_ids import hash_identity
from ..ingest.check_input import check_input
from ..ingest.ingest_error import IngestError
from ..ingest.plan_scans import plan_scans
from ..records import SeriesPlan
from .consensus_label import consensus_label
from .data_list import DataList, Refused, ScanLabel
from .grid_of_plan import grid_of_plan
from .image_path import image_path
from .label_scans import label_scans
from .patient_fold import patient_fold
from .read_label_file import read_label_file
from .split_components import split_components
from .write_label_mask import write_label_mask

MANIFEST = "msd_lung"
_NAME = re.compile(r"(lung_\d{3})\.nii(\.gz)?", re.ASCII)


def convert_msd_lung(folder: Path, output: Path, *, check_lungs: bool = True, progress: bool = False) -> DataList:
    """Read ``Task06_Lung`` (``dataset.json``, ``imagesTr``, ``labelsTr``); write the data list and a mask per tumour.

    Positions are LPS mm (the files are RAS). What hangs together in a label (26 neighbours) is a tumour. No scan is
    complete: the labels are of the cancer, other nodules are not outlined. The task names no folds: a hash of the
    case's name gives one of ten. ``imagesTs`` has no labels and is passed over.

    Raises
    ------
    InputPathError, OutputNotWritable
    ValueError
        ``dataset.json`` is missing or no list of a task.
    """
    check_input(folder)
    pairs, refused = _pairs(folder)
    plans: list[SeriesPlan] = []
    for image in pairs:
        listed = plan_scans(image)
        plans += [dataclasses.replace(plan, case_id=_case_id(image)) for plan in listed.plans]
        refused += tuple(Refused(_case_id(image), each.code, each.reason) for each in listed.rejections)
    labels = {_case_id(image): label for image, label in pairs.items()}
    label = partial(_label, labels=labels, output=output)
    return label_scans(MANIFEST, plans, label, output, refused=refused, check_lungs=check_lungs, progress=progress)


def _pairs(folder: Path) -> tuple[dict[Path, Path], tuple[Refused, ...]]:
    """Give the label of each image that is there, and the entries that cannot be used."""
    pairs: dict[Path, Path] = {}
    refused = []
    for n, entry in enumerate(_training(folder), 1):
        image, label = (_inside(folder, entry.get(name)) for name in ("image", "label"))
        if image is None or label is None or not image.exists() or not label.exists():
            fault = IngestError("E_LABEL_NO_SCAN", f"(entry {n} of dataset.json: image or label is not in the folder)")
            refused.append(Refused("", fault.code, fault.reason))
        else:
            pairs[image] = label
    return pairs, tuple(refused)


def _training(folder: Path) -> Iterator[Mapping[str, Any]]:
    try:
        entries = json.loads((folder / "dataset.json").read_bytes())["training"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise ValueError(f"dataset.json of Task06_Lung cannot be read ({type(error).__name__}).") from None
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise ValueError("dataset.json of Task06_Lung must hold a list of image and label under 'training'.")
    yield from entries


def _inside(folder: Path, name: object) -> Path | None:
    """Return a file below the folder; None for what leads out of it."""
    if not isinstance(name, str):
        return None
    path = (folder / name).resolve()
    return path if path.is_relative_to(folder.resolve()) else None


def _name(image: Path) -> str:
    """Return the public name of a case (``lung_001``), or a hash of what else stands there."""
    found = _NAME.fullmatch(image.name)
    return found[1] if found else hash_identity(image.name.encode())


def _case_id(image: Path) -> str:
    return hash_identity(f"{MANIFEST}:{_name(image)}".encode())


def _label(plan: SeriesPlan, *, labels: Mapping[str, Path], output: Path) -> ScanLabel:
    image = grid_of_plan(plan)
    values, start = read_label_file(labels[plan.case_id], image)
    nodules = []
    for n, mask in enumerate(split_components(values > 0, start), 1):
        path = write_label_mask(mask, image, output, plan.case_id, f"n{n}")
        label = consensus_label(f"n{n}", mask, image, mask_path=path)
        assert label is not None  # a component has voxels, and its one reader is the majority
        nodules.append(label)
    name = _name(plan.path)
    return ScanLabel(
        case_id=plan.case_id,
        patient_id=name,
        image=str(image_path(plan)),
        complete=False,
        nodules=tuple(nodules),
        fold=patient_fold(name),
    )
