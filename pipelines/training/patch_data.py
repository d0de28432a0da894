"""Put the training patches together from folders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from .backgrounds import phantom_backgrounds, scan_backgrounds
from .decoy import to_decoy
from .lidc_nodules import read_lidc_nodules, to_nodule
from .patch_dataset import PatchDataset
from .slab import to_slab


def patch_data(
    nodules_dir: str | Path,
    backgrounds_dir: str | Path | None,
    *,
    subsets: Sequence[int],
    phantom_seeds: Sequence[int],
    unknown_lps_mm: Mapping[str, Sequence[float]] | None = None,
    scan_share: float = 0.75,
    **options: object,
) -> PatchDataset:
    """Return patches of the nodules in ``subsets``, put into scans and phantoms.

    Parameters
    ----------
    nodules_dir : a folder of the ``lidc_nodules`` form.
    backgrounds_dir : chest scans as ``NAME_lungs.nii.gz``; None or empty for phantoms only.
    subsets : LUNA16 subsets to take nodules from.
    phantom_seeds : one analytic chest each.
    scan_share : share of patches drawn from the scans.
    options : passed on to :class:`PatchDataset`.
    """
    records = list(read_lidc_nodules(Path(nodules_dir), subsets))
    rng = np.random.default_rng(0)
    decoys = [d for d in (to_decoy(r, rng) for r in records for _ in range(2)) if d is not None]
    scans = [] if not backgrounds_dir else list(scan_backgrounds(Path(backgrounds_dir), unknown_lps_mm=unknown_lps_mm))
    phantoms = list(phantom_backgrounds(phantom_seeds))
    weights = [scan_share / len(scans) for _ in scans] + [(1 - scan_share) / len(phantoms) for _ in phantoms]
    nodules = [to_nodule(r) for r in records]
    slabs = [to_slab(r) for r in records]
    return PatchDataset(nodules, decoys, slabs, scans + phantoms, background_weights=weights, **options)  # type: ignore[arg-type]
