"""Which of the readers' outlines count."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ..consensus_label import HALF

Voters = Literal["outliners", "scan"]


@dataclass(frozen=True)
class LidcRule:
    """When outlines are a nodule, and which of its voxels count.

    Parameters
    ----------
    min_share : a nodule counts where at least this share of all readers of the scan outlined it (two of four). What
        fewer outlined becomes an excluded place: no target, and no false positive. LUNA16 asks for three of four, 0.75.
    agreement : a voxel counts where at least this share of the voters outlined it.
    voters : ``outliners``: those who outlined this nodule, as in the ``lidc_nodules`` form; ``scan``: all readers of
        the scan, so that who did not see the nodule votes against each voxel.
    """

    min_share: float = HALF
    agreement: float = HALF
    voters: Voters = "outliners"

    def __post_init__(self) -> None:
        for name, share in (("min_share", self.min_share), ("agreement", self.agreement)):
            if not 0 < share <= 1:
                raise ValueError(f"{name} is a share above 0, up to 1; found {share!r}")
        if self.voters not in ("outliners", "scan"):
            raise ValueError(f"voters is 'outliners' or 'scan'; found {self.voters!r:.40}")
