"""One picture of a file, as grey values."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ..ingest.sandbox.decode_picture import MAX_PIXELS, PictureTask, decode_picture
from ..ingest.sandbox.worker_pool import WorkerPool
from .picture import Picture

SOFT_TISSUE_HU = (-160.0, 240.0)
"""Our choice for CT slices: soft tissue and nodules are told apart in it, lung is black."""


def read_picture(
    path: Path | str,
    *,
    frame: int = 0,
    window_hu: tuple[float, float] = SOFT_TISSUE_HU,
    max_pixels: int = MAX_PIXELS,
    pool: WorkerPool | None = None,
) -> Picture:
    """Read a PNG, JPEG, BMP or TIFF file or a DICOM image as grey values in [0, 1].

    It is decoded by a worker process (:mod:`resmtnet.pipelines.ingest.sandbox`). Colours become grey by the luminance
    weights of ITU-R BT.601 (0.299, 0.587, 0.114), what is transparent becomes black, values are divided by the full
    range of their bits, and MONOCHROME1 is inverted. CT values are made HU by slope and intercept and go from 0 to 1
    over ``window_hu``. No VOI window is applied, and of orientation tags that of TIFF only (not EXIF).

    Parameters
    ----------
    path : the file; it may be a member of a zip archive that was walked.
    frame : which of the frames of a DICOM file or pages of a TIFF, from 0.
    window_hu : (low, high), for CT only.
    max_pixels : larger pictures are refused before their pixels are decoded.
    pool : the workers; those of this process unless given.

    Raises
    ------
    IngestError
        ``I_NOT_PICTURE``, ``I_NON_IMAGE``, ``I_DICOMDIR`` (skipped): no picture. ``E_TRUNCATED``, ``E_DECODE``,
        ``E_BAD_HEADER``: broken. ``E_TOO_LARGE``, ``E_PICTURE_FORMAT``, ``E_TRANSFER_SYNTAX``, ``E_NO_PIXELS``,
        ``E_NO_RESCALE``, ``E_BAD_RESCALE``: not to be read. ``E_UNREADABLE``, ``E_FILE_CHANGED``,
        ``F_WORKER_DIED``, ``F_WORKER_TIMEOUT``: failed.
    """
    task = PictureTask(Path(path), frame, window_hu, max_pixels)
    grey, facts = decode_picture(task, pool)
    lossy, burned_in = ("W_LOSSY",) * facts.lossy, ("W_BURNED_IN",) * facts.burned_in
    return Picture(
        grey=grey,
        kind=facts.kind,
        digest=digest_of(grey),
        frame=frame,
        n_frames=facts.n_frames,
        spacing_mm=facts.spacing_mm,
        modality=facts.modality,
        codes=(*lossy, *burned_in),
    )


def digest_of(grey: npt.NDArray[np.float32]) -> str:
    """SHA-256 of the shape and the values, as little-endian float32."""
    digest = hashlib.sha256(repr(grey.shape).encode())
    digest.update(np.ascontiguousarray(grey, "<f4").tobytes())
    return digest.hexdigest()
