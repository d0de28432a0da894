"""Put the training patches together from folders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from .balanced_weights import balanced_weights
from .chests import chests
from .close_patches import ClosePatches
from .cut_nodule import to_nodule
from .decoy import to_decoy
from .lidc_nodules import read_lidc_nodules
from .patch_dataset import PatchDataset
from .slab import to_slab
from .wide_patches import WidePatches


def patch_data(
    nodules_dir: str | Path,
    backgrounds_dir: str | Path | None,
    *,
    subsets: Sequence[int] | None,
    phantom_seeds: Sequence[int],
    length: int,
    windows_hu: Sequence[tuple[float, float]],
    unknown_lps_mm: Mapping[str, Sequence[float]] | None = None,
    scan_share: float = 0.75,
    patch_mm: int = 64,
    close_voxels: int = 48,
    close_spacing_mm: float = 0.6,
    transplant: bool = True,
    seed: int = 0,
) -> PatchDataset:
    """Return patches of the nodules in ``subsets``, among their own surroundings and put into scans and phantoms.

    Parameters
    ----------
    nodules_dir : a folder of the ``lidc_nodules`` form.
    backgrounds_dir : chest scans as ``NAME_lungs.nii.gz``; None or empty for phantoms only.
    subsets : LUNA16 subsets (or other folds) to take nodules from, and scans where a table names theirs; None for all.
    phantom_seeds : one analytic chest each.
    scan_share : share of pasted patches drawn from the scans.
    patch_mm : edge of the wide look.
    close_voxels, close_spacing_mm : edge and voxels of the close look; 0 voxels for none.
    transplant : put nodules into other lungs; without, all show their own surroundings (for ablation).

    Raises
    ------
    ValueError
        If ``subsets`` holds no nodule, or ``scan_share`` leaves no chest to draw.
    """
    records = list(read_lidc_nodules(Path(nodules_dir), subsets))
    if not records:
        raise ValueError(f"no nodule of subsets {subsets} in the data set; choose others, or null for all")
    outlined = [r for r in records if r.outlined]
    taught = [r for r in records if r.outlined or r.scores is not None or r.attributes is not None]
    rng = np.random.default_rng(0)
    decoys = [d for d in (to_decoy(r, rng) for r in outlined for _ in range(2)) if d is not None]
    where, where_weights = chests(
        backgrounds_dir,
        subsets=subsets,
        phantom_seeds=phantom_seeds,
        unknown_lps_mm=unknown_lps_mm,
        scan_share=scan_share,
    )
    wide = WidePatches(
        [to_nodule(r) for r in outlined] if transplant else [],
        balanced_weights(outlined),
        decoys,
        [to_slab(r) for r in records],
        balanced_weights(records),
        where,
        where_weights,
        edge=patch_mm,
        seed=seed,
    )
    close = None
    if close_voxels and taught:
        close = ClosePatches(
            taught,
            balanced_weights(taught),
            where if transplant else [],
            where_weights,
            edge=close_voxels,
            spacing_mm=close_spacing_mm,
        )
    return PatchDataset(wide, close, length=length, windows_hu=windows_hu, seed=seed)
