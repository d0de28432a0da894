"""The chests that nodules are put into, and how often each is drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from .background import Background
from .backgrounds import phantom_backgrounds, scan_backgrounds


def chests(
    folder: str | Path | None,
    *,
    subsets: Sequence[int] | None,
    phantom_seeds: Sequence[int],
    unknown_lps_mm: Mapping[str, Sequence[float]] | None,
    scan_share: float,
) -> tuple[list[Background], npt.NDArray[np.float64]]:
    """Return scans and phantoms with their weights, which add up to 1.

    Parameters
    ----------
    folder : chest scans as ``NAME_lungs.nii.gz``; None or empty for phantoms only.
    subsets : folds to take scans from where a table names theirs; None for all.
    phantom_seeds : one analytic chest each.
    scan_share : how often a scan is drawn, where there are both.

    Raises
    ------
    ValueError
        ``scan_share`` is 0 where there are scans only, or 1 where there are phantoms only.
    """
    scans = list(scan_backgrounds(Path(folder), subsets=subsets, unknown_lps_mm=unknown_lps_mm)) if folder else []
    phantoms = list(phantom_backgrounds(phantom_seeds))
    shares = [scan_share / len(scans) for _ in scans] + [(1 - scan_share) / len(phantoms) for _ in phantoms]
    if shares and not sum(shares) > 0:
        raise ValueError(
            f"scan_share {scan_share:g} with {len(scans)} scans and {len(phantoms)} phantoms: no chest would be drawn"
        )
    return scans + phantoms, np.array(shares) / sum(shares) if shares else np.empty(0)
