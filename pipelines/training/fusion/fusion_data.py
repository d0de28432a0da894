"""Put the training patches of nine planes together from folders."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ....transforms.planes_view import PlanesView
from ....transforms.ras_from_lps import RAS_FROM_LPS
from ..balanced_weights import balanced_weights
from ..chests import chests
from ..decoy import to_decoy
from ..lidc_nodules import LidcRecord, read_lidc_nodules
from .fusion_dataset import FusionDataset
from .fusion_patches import TRANSPLANT_SHARE, FusionPatches


def fusion_data(
    nodules_dir: str | Path,
    backgrounds_dir: str | Path | None,
    *,
    subsets: Sequence[int] | None,
    phantom_seeds: Sequence[int],
    length: int,
    view: PlanesView,
    unknown_lps_mm: Mapping[str, Sequence[float]] | None = None,
    scan_share: float = 0.75,
    negative_share: float = 0.35,
    transplant_share: float = TRANSPLANT_SHARE,
    seed: int = 0,
) -> FusionDataset:
    """Return patches of the nodules in ``subsets``, among their own surroundings and in other chests, and of lung.

    Parameters
    ----------
    nodules_dir : a folder of the ``lidc_nodules`` form.
    backgrounds_dir : chest scans as ``NAME_lungs.nii.gz``; None or empty for phantoms only.
    subsets : LUNA16 subsets (or other folds) to take nodules from, and scans where a table names theirs; None for all.
    phantom_seeds : one analytic chest each.
    view : what is seen of a place, as at inference.
    scan_share : share of the patches in chests that show scans, not phantoms.
    negative_share : share of patches without a nodule.
    transplant_share : of the nodules that are outlined: shown in another chest.

    Raises
    ------
    ValueError
        If ``subsets`` holds no nodule, or ``scan_share`` leaves no chest to draw.
    """
    records = list(read_lidc_nodules(Path(nodules_dir), subsets))
    if not records:
        raise ValueError(f"no nodule of subsets {subsets} in the data set; choose others, or null for all")
    rng = np.random.default_rng(0)
    outlined = [r for r in records if r.outlined]
    decoys = [d for d in (to_decoy(r, rng) for r in outlined for _ in range(2)) if d is not None]
    where, where_weights = chests(
        backgrounds_dir,
        subsets=subsets,
        phantom_seeds=phantom_seeds,
        unknown_lps_mm=unknown_lps_mm,
        scan_share=scan_share,
    )
    patches = FusionPatches(
        records,
        balanced_weights(records),
        other_nodules(records),
        decoys,
        where,
        where_weights,
        view,
        negative_share=negative_share,
        transplant_share=transplant_share,
        seed=seed,
    )
    return FusionDataset(patches, length=length, seed=seed)


def other_nodules(records: Sequence[LidcRecord]) -> Mapping[str, Sequence[npt.NDArray[np.float64]]]:
    """Return by key the centres of the other nodules of the same series, in voxels (k, j, i) of the record's patch."""
    by_series: dict[str, list[tuple[str, list[float]]]] = defaultdict(list)
    for record in records:
        if all(record.row.get(name) for name in ("seriesuid", "coordX", "coordY", "coordZ")):
            place = [float(record.row[name]) for name in ("coordX", "coordY", "coordZ")]
            by_series[record.row["seriesuid"]].append((record.key, place))
    return {
        r.key: [_in_voxels(r, place) for key, place in by_series[r.row.get("seriesuid", "")] if key != r.key]
        for r in records
    }


def _in_voxels(record: LidcRecord, place_lps: Sequence[float]) -> npt.NDArray[np.float64]:
    ijk = np.linalg.solve(record.affine_ras, RAS_FROM_LPS @ [*place_lps, 1.0])[:3]
    return np.asarray(ijk[::-1], dtype=np.float64)
