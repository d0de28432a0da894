"""The mask of a lesion, from a file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from ...images.read_picture import read_picture


def read_mask(path: Path) -> npt.NDArray[np.bool_]:
    """Read a mask image ``(rows, columns)``: lesion is what is brighter than half of the brightest pixel.

    So masks of 0 and 1, of 0 and 255, and with soft edges all serve; one that is 0 everywhere has no lesion.

    Raises
    ------
    IngestError
        As :func:`resmtnet.pipelines.images.read_picture.read_picture` does.
    """
    grey = read_picture(path).grey
    return np.asarray(grey > grey.max() / 2)
