"""Copies of scans, each with other nodules in it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ....transforms.grid import Grid
from ...inference.read_scan import ReadScan
from ...training.lidc_nodules import LidcRecord
from ..detection.true_scan import Place, TrueScan
from .background_scan import BackgroundScan, Row, Unread
from .plant_nodules import plant_nodules

NO_PLACE = "no_free_lung"


@dataclass(frozen=True)
class CopyTruth:
    """What is in one copy: the planted nodules (by the keys of their records), then the scan's own lesions."""

    row: Row
    background: str
    keys: tuple[str, ...]
    scan: TrueScan


class PlantedCopies:
    """Yield copies of each background as scans that are read, and keep the truth about those that were yielded.

    Nodules are dealt from a shuffled deck, so that each is used about as often as any other. One scan is in memory.

    Parameters
    ----------
    backgrounds : the scans; those that were not read are listed in ``left_out``.
    records : the nodules to plant, all outlined.
    copies, per_scan : copies of each background, and nodules in each (fewer where there is no room).
    seed : the same one gives the same voxels.
    """

    def __init__(
        self,
        backgrounds: Iterable[BackgroundScan | Unread],
        records: Sequence[LidcRecord],
        *,
        copies: int,
        per_scan: int,
        seed: int = 0,
    ) -> None:
        self._backgrounds, self._records = backgrounds, records
        self._copies, self._per_scan, self._seed = copies, per_scan, seed
        self.truth: dict[str, CopyTruth] = {}
        self.left_out: list[Unread] = []

    def __iter__(self) -> Iterator[ReadScan]:
        self.truth, self.left_out = {}, []
        deck = [self._records[n] for n in np.random.default_rng(self._seed).permutation(len(self._records))]
        for number, background in enumerate(self._backgrounds):
            if isinstance(background, Unread):
                self.left_out.append(background)
                continue
            for copy in range(self._copies):
                scan, used = self._plant(background, deck, (number, copy))
                deck = [r for r in deck if r.key not in used] + [r for r in deck if r.key in used]
                if scan is None:
                    self.left_out.append(Unread(background.row, background.name, NO_PLACE))
                else:
                    yield scan

    def _plant(
        self, background: BackgroundScan, deck: Sequence[LidcRecord], number: tuple[int, int]
    ) -> tuple[ReadScan | None, frozenset[str]]:
        """Make one copy; None where nothing could be planted."""
        volume, rng = background.volume, np.random.default_rng([self._seed, *number])
        k, j, i = volume.hu.shape
        grid = Grid((k, j, i), volume.affine_lps)
        hu, planted = plant_nodules(volume.hu, grid, deck, rng, self._per_scan, taken=background.lesions)
        if not planted:
            return None, frozenset()
        name = f"{background.name}_copy{number[1] + 1}_{number[0] + 1}"
        plan = dataclasses.replace(volume.plan, case_id=name)
        places = tuple(Place(p.centre_lps_mm, p.diameter_mm) for p in planted)
        truth = TrueScan(name, (*places, *background.lesions))
        keys = tuple(p.key for p in planted)
        self.truth[name] = CopyTruth(background.row, background.name, keys, truth)
        return ReadScan(plan, dataclasses.replace(volume, hu=hu, plan=plan), None, 0.0), frozenset(keys)
