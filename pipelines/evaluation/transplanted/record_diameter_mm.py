"""How large an annotated nodule is."""

from __future__ import annotations

import numpy as np

from ...training.lidc_nodules import LidcRecord


def record_diameter_mm(record: LidcRecord) -> float:
    """Return the diameter (mm) that the table says, else that of the ball of the majority outline's volume."""
    said = record.row.get("diameter_mm")
    if said:
        return float(said)
    volume_mm3 = np.count_nonzero(record.majority) * float(np.prod(record.spacing_mm))
    return float(np.cbrt(6 / np.pi * volume_mm3))
