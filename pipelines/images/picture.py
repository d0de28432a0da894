"""One grey picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

PictureKind = Literal["png", "jpeg", "bmp", "tiff", "dicom", "nifti", "metaimage", "nrrd"]


@dataclass(frozen=True, eq=False)
class Picture:
    """A picture as grey values.

    ``grey`` is float32 ``(rows, columns)`` in [0, 1], C-contiguous. ``digest`` is the SHA-256 of the grey values and
    their shape, alike for a lossless copy in another format. ``frame`` counts from 0 among the ``n_frames`` of the
    file. ``spacing_mm`` is (between rows, between columns), None where nothing says it. ``modality`` is that of DICOM,
    empty for other files. ``codes`` are warnings.
    """

    grey: npt.NDArray[np.float32]
    kind: PictureKind
    digest: str
    frame: int = 0
    n_frames: int = 1
    spacing_mm: tuple[float, float] | None = None
    modality: str = ""
    codes: tuple[str, ...] = ()
