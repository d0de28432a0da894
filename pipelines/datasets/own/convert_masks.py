"""Mask files to a data list."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from ....transforms.grid import Grid
from ...ingest.check_input import check_input
from ...ingest.ingest_error import IngestError
from ...ingest.tree.walk_files import walk_files
from ...records import Index, SeriesPlan
from ..data_list import DataList, Refused
from ..grid_of_plan import grid_of_plan
from ..read_label_file import read_label_file
from ..split_components import split_components
from .annotated import Annotated, Annotations
from .make_list import make_list
from .outline import Outline, outlined_nodules
from .own_options import OwnOptions, scans_folder
from .scan_facts import table_facts
from .scan_index import ScanIndex

Nodules = Literal["components", "values"]
_KINDS = ("mask", "seg", "label", "labels", "nodule", "nodules", "tumour", "tumor")
SUFFIXES = ("", *(f"{joint}{kind}" for joint in "_-" for kind in _KINDS))
_ENDINGS = (".nii.gz", ".nii")


def convert_masks(
    masks: Path,
    output: Path,
    *,
    nodules: Nodules = "components",
    suffix: str | None = None,
    options: OwnOptions | None = None,
) -> DataList:
    """Read NIfTI masks, one or more per scan, and write ``output/data_list.json`` and a mask per nodule.

    A mask goes by the name of its scan (see :class:`.ScanIndex`), with or without an ending such as ``_mask``; if none
    goes by that name, by the folder it lies in. Its voxels must be those of the scan; axes may run another way. Several
    masks of a scan are several readers; what overlaps is one nodule. An empty mask of a scan that is complete says that
    it holds no nodule.

    Parameters
    ----------
    masks : a mask, or a folder of any depth. Without ``options.scans``, the scans lie there, too.
    nodules : ``components``: voxels of one value that hang together (26 neighbours) are a nodule; ``values``: all
        voxels of one value are.
    suffix : how names of masks end, where none of the usual (``_mask``, ``_seg``, ``_label``, ``_nodules``) fits.

    Raises
    ------
    InputPathError, OutputNotWritable
    """
    options = options or OwnOptions()
    check_input(masks)
    scans = scans_folder(masks, options)
    endings = SUFFIXES if suffix is None else (suffix,)
    files = _mask_files(masks, scans, output, endings)
    index = ScanIndex(scans, options.ingest, exclude=output, masks=files, progress=options.progress)
    facts, faulty = table_facts(options.table, index)
    found: dict[str, tuple[SeriesPlan, list[Path]]] = {}
    refused = []
    for n, path in enumerate(files, 1):
        try:
            plan = _scan_of(path, masks, index, endings)
        except IngestError as error:
            refused.append(Refused("", error.code, f"{error.reason} (mask {n}, in order of path)"))
            continue
        found.setdefault(plan.case_id, (plan, []))[1].append(path)
    annotated = [Annotated(plan, partial(_annotate, plan, paths, nodules, output)) for plan, paths in found.values()]
    return make_list(annotated, facts, (*refused, *faulty), output, options)


def _mask_files(masks: Path, scans: Path, output: Path, endings: Sequence[str]) -> tuple[Path, ...]:
    """Give the NIfTI files that are masks: where scans lie in the same folder, those whose names end so."""
    files = [path for path in walk_files(masks, output).files if _stem(path) is not None]
    if masks.is_file() or masks.resolve() != scans.resolve():
        return tuple(files)
    telling = tuple(ending for ending in endings if ending)
    bare = {ending.lstrip("_-") for ending in telling}
    return tuple(path for path in files if str(_stem(path)).endswith(telling) or _stem(path) in bare)


def _scan_of(path: Path, masks: Path, index: ScanIndex, endings: Sequence[str]) -> SeriesPlan:
    stem = _stem(path) or ""
    names = [stem.removesuffix(end) for end in sorted(endings, key=len, reverse=True) if stem.endswith(end)]
    if path.parent != masks.resolve():
        names.append(path.parent.name)
    fault = IngestError("E_LABEL_NO_SCAN")
    for name in filter(None, names):
        try:
            return index.find(name)
        except IngestError as error:
            fault = error if error.code == "E_LABEL_AMBIGUOUS" else fault
    raise fault


def _stem(path: Path) -> str | None:
    return next((path.name[: -len(end)] for end in _ENDINGS if path.name.lower().endswith(end)), None)


def _annotate(plan: SeriesPlan, paths: Sequence[Path], nodules: Nodules, output: Path) -> Annotations:
    image = grid_of_plan(plan)
    outlines = [outline for n, path in enumerate(paths) for outline in _outlines(n, path, image, nodules)]
    return Annotations(outlined_nodules(outlines, image, plan.case_id, output))


def _outlines(source: int, path: Path, image: Grid, nodules: Nodules) -> Iterator[Outline]:
    values, start = read_label_file(path, image)
    for value, box in enumerate(ndimage.find_objects(values), 1):
        if box is not None:
            k, j, i = (a + side.start for a, side in zip(start, box, strict=True))
            yield from _of_value(source, values[box] == value, (k, j, i), nodules)


def _of_value(source: int, voxels: npt.NDArray[np.bool_], start: Index, nodules: Nodules) -> Iterator[Outline]:
    if nodules == "values":
        yield Outline(source, start, voxels)
        return
    for mask in split_components(voxels, start):
        yield Outline(source, mask.start_kji, mask.bits > 0)
