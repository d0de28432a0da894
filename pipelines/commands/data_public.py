"""``resmtnet data lidc-idri``, ``luna16``, ``qin``, ``msd``: public data sets to a data list."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import Any

from .check_paths import check_paths
from .data_kind import LIST_OUTPUT, Kinds, add_kind
from .say_data import say_list


@dataclass(frozen=True)
class _DataSet:
    """A data set: its name, where its converter is, the options it knows, and what to say of it."""

    title: str
    module: str
    function: str
    options: tuple[str, ...]
    about: str


_DATA_SETS = {
    "lidc-idri": _DataSet(
        "LIDC-IDRI: DICOM and XML",
        "lidc_idri.convert_lidc_idri",
        "convert_lidc_idri",
        ("xml", "subsets", "min_share", "agreement", "voters"),
        """All ratings and outlines of all four readers. A nodule counts where half of the readers outlined it; what
fewer outlined is an excluded place.""",
    ),
    "luna16": _DataSet(
        "LUNA16: CSV and MHD",
        "convert_luna16",
        "convert_luna16",
        ("tables", "subsets", "patients"),
        "Positions and diameters of annotations.csv with the official folds; annotations_excluded.csv is kept apart.",
    ),
    "qin": _DataSet(
        "QIN LUNG CT: DICOM and SEG",
        "convert_qin_lung_ct",
        "convert_qin_lung_ct",
        ("agreement",),
        "One target tumour per scan, outlined by several algorithms; other nodules are not annotated.",
    ),
    "msd": _DataSet(
        "Medical Segmentation Decathlon, task 6 (lung)",
        "convert_msd_lung",
        "convert_msd_lung",
        (),
        "The folder Task06_Lung; tumours are outlined, other nodules are not annotated.",
    ),
}
_OPTIONS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "xml": {"type": Path, "metavar": "FOLDER", "help": "of the XML files (default: with the images)"},
        "tables": {"type": Path, "metavar": "FOLDER", "help": "of the CSV files (default: INPUT)"},
        "subsets": {"type": Path, "metavar": "CSV", "help": "seriesuid, subset: the official folds of LUNA16"},
        "patients": {"type": Path, "metavar": "CSV", "help": "whose each series is: Patient Id, Series UID"},
        "min_share": {"type": float, "metavar": "SHARE", "help": "of the readers who must outline a nodule (0.5)"},
        "agreement": {"type": float, "metavar": "SHARE", "help": "of the outlines that must hold a voxel (0.5)"},
        "voters": {
            "choices": ("outliners", "scan"),
            "help": "who votes on a voxel: those who outlined the nodule (default), or all readers of the scan",
        },
    }
)


def add_public(kinds: Kinds) -> None:
    """Add a command for each public data set."""
    for name, data_set in _DATA_SETS.items():
        about = (
            f"{data_set.title}, as downloaded (data_manifests says where from, under what licence).\n{data_set.about}"
        )
        kind = add_kind(kinds, name, data_set.title, about)
        kind.add_argument("input", type=Path, metavar="INPUT", help="folder of the data set")
        kind.add_argument("output", type=Path, metavar="OUTPUT", help=LIST_OUTPUT)
        for option in data_set.options:
            kind.add_argument(f"--{option.replace('_', '-')}", dest=option, **_OPTIONS[option])
        kind.add_argument(
            "--no-lung-check", action="store_true", help="do not read the scans to see where the lungs are"
        )
        kind.set_defaults(command=_convert, data_set=name)


def _convert(arguments: argparse.Namespace) -> int:
    from ..inference.usage_error import UsageError

    check_paths(arguments)
    data_set = _DATA_SETS[arguments.data_set]
    said = {name: getattr(arguments, name) for name in data_set.options}
    convert = getattr(import_module(f"..datasets.{data_set.module}", __package__), data_set.function)
    given = {name: value for name, value in said.items() if value is not None}
    options = {"check_lungs": not arguments.no_lung_check, "progress": not arguments.quiet, **given}
    try:
        made = convert(arguments.input, arguments.output, **options)
    except ValueError as error:  # a share out of range, or a table that is none: see the converters
        raise UsageError(str(error)) from error
    return say_list(made, json_file=arguments.json, quiet=arguments.quiet)
