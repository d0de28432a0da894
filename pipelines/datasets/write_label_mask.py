"""The mask of a nodule in the folder of its data list."""

from __future__ import annotations

from pathlib import Path

from ...transforms.grid import Grid
from ..results.output_not_writable import writing
from .nodule_mask import NoduleMask, write_nodule_mask

MASKS = Path("masks")


def write_label_mask(mask: NoduleMask, image: Grid, output: Path, case_id: str, nodule_id: str) -> str:
    """Write ``masks/CASE_NODULE.nii.gz`` below ``output`` and return its path in the list.

    Raises
    ------
    OutputNotWritable
    """
    path = MASKS / f"{case_id}_{nodule_id}.nii.gz"
    with writing(output):
        write_nodule_mask(mask, image, output / path)
    return path.as_posix()
