"""``resmtnet data csv``, ``masks``, ``seg``, ``rtstruct``: a group's own annotations to a data list."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from .check_paths import check_paths
from .data_kind import LIST_OUTPUT, Kinds, add_kind
from .reading_options import add_reading_options, reading_options
from .say_data import say_list

if TYPE_CHECKING:
    from ..datasets.data_list import DataList
    from ..datasets.own.own_options import OwnOptions

_CSV = """One row per nodule, or per nodule and reader; comma, semicolon or tab; numbers with a point. Columns:

  case                 the scan: case id of resmtnet ingest, SeriesInstanceUID, path, or name of its file or folder
  x, y, z              centre, in the frame that --frame says; or x_min, y_min, z_min, x_max, y_max, z_max: corners
                       (with --frame voxel the first and last voxel of the nodule, counted from 0: column, row, slice)
  size_x_mm, size_y_mm, size_z_mm    edges of the box; or diameter_mm, taken for all three
  nodule               rows of one scan with one name are one nodule
  reader, malignancy   one reader's rating, 1 to 5; subtlety, internalStructure, calcification, sphericity, margin,
                       lobulation, spiculation, texture likewise
  excluded             1 for a place that is neither a nodule to find nor a false positive
  patient_id, fold, complete         of the scan; complete 1: all of its nodules are here. A row with case and
                                     complete 1 and no place is a scan without a nodule"""
_MASKS = """One or more NIfTI masks per scan, drawn on its voxels (axes may run another way). A mask goes by the name of
its scan, with or without _mask, _seg, _label, _nodules or alike, or lies in a folder of that name. Several masks of
one scan are several readers. An empty mask of a complete scan says that it holds no nodule."""
_SEG = (
    "DICOM Segmentation objects next to their CT. Several on one CT are several readers; what overlaps is one nodule."
)
_RTSTRUCT = """RT Structure Sets next to their CT. Closed planar contours are filled on the scan's voxels; one within
another is a hole. Single points are nodules without size."""


def add_own(kinds: Kinds) -> None:
    """Add a command for each form that annotations may have."""
    _add_csv(add_kind(kinds, "csv", "a table of points, diameters, boxes, ratings", _CSV))
    _add_masks(add_kind(kinds, "masks", "NIfTI masks", _MASKS))
    _add_objects(add_kind(kinds, "seg", "DICOM SEG", _SEG), _seg)
    _add_objects(add_kind(kinds, "rtstruct", "RT Structure Sets", _RTSTRUCT), _rtstruct)


def _add_csv(kind: argparse.ArgumentParser) -> None:
    kind.add_argument("input", type=Path, metavar="INPUT", help="CSV")
    kind.add_argument("output", type=Path, metavar="OUTPUT", help=LIST_OUTPUT)
    kind.add_argument(
        "--frame",
        required=True,
        choices=("lps", "ras", "voxel"),
        help="of the positions: lps (DICOM, LUNA16), ras (NIfTI, 3D Slicer) or voxel; nothing is guessed",
    )
    _add_options(kind)
    kind.set_defaults(command=_csv)


def _add_masks(kind: argparse.ArgumentParser) -> None:
    kind.add_argument("input", type=Path, metavar="INPUT", help="mask, or folder of masks")
    kind.add_argument("output", type=Path, metavar="OUTPUT", help=LIST_OUTPUT)
    kind.add_argument(
        "--nodules",
        choices=("components", "values"),
        default="components",
        help="what is one nodule: voxels of one value that hang together (default), or all voxels of one value",
    )
    kind.add_argument("--suffix", metavar="TEXT", help="how the names of masks end, if in another way than above")
    _add_options(kind)
    kind.set_defaults(command=_masks)


def _add_objects(kind: argparse.ArgumentParser, run: Callable[[argparse.Namespace], int]) -> None:
    kind.add_argument("input", type=Path, metavar="INPUT", help="folder of any depth")
    kind.add_argument("output", type=Path, metavar="OUTPUT", help=LIST_OUTPUT)
    kind.add_argument(
        "--only",
        metavar="TEXT",
        help="take the structures whose name holds this (default: nodule, tumour, lesion, GTV, mass, cancer ...)",
    )
    _add_options(kind)
    kind.set_defaults(command=run)


def _add_options(kind: argparse.ArgumentParser) -> None:
    kind.add_argument("--scans", type=Path, metavar="FOLDER", help="of the scans (default: with the annotations)")
    kind.add_argument(
        "--table", type=Path, metavar="CSV", help="of scans: case, and any of patient_id, fold, complete (1 or 0)"
    )
    kind.add_argument("--complete", action="store_true", help="every annotated scan has all of its nodules annotated")
    kind.add_argument("--no-lung-check", action="store_true", help="do not read the scans to see where the lungs are")
    add_reading_options(kind)


def _csv(arguments: argparse.Namespace) -> int:
    from ..datasets.own.convert_csv import convert_csv

    check_paths(arguments)
    return _said(
        convert_csv(arguments.input, arguments.output, frame=arguments.frame, options=_options(arguments)), arguments
    )


def _masks(arguments: argparse.Namespace) -> int:
    from ..datasets.own.convert_masks import convert_masks

    check_paths(arguments)
    made = convert_masks(
        arguments.input,
        arguments.output,
        nodules=arguments.nodules,
        suffix=arguments.suffix,
        options=_options(arguments),
    )
    return _said(made, arguments)


def _seg(arguments: argparse.Namespace) -> int:
    from ..datasets.own.convert_seg import convert_seg

    check_paths(arguments)
    return _said(
        convert_seg(arguments.input, arguments.output, only=arguments.only, options=_options(arguments)), arguments
    )


def _rtstruct(arguments: argparse.Namespace) -> int:
    from ..datasets.own.convert_rtstruct import convert_rtstruct

    check_paths(arguments)
    return _said(
        convert_rtstruct(arguments.input, arguments.output, only=arguments.only, options=_options(arguments)), arguments
    )


def _options(arguments: argparse.Namespace) -> OwnOptions:
    from ..datasets.own.own_options import OwnOptions

    return OwnOptions(
        scans=arguments.scans,
        table=arguments.table,
        complete=arguments.complete,
        check_lungs=not arguments.no_lung_check,
        ingest=reading_options(arguments),
        progress=not arguments.quiet,
    )


def _said(made: DataList, arguments: argparse.Namespace) -> int:
    return say_list(made, json_file=arguments.json, quiet=arguments.quiet)
