"""What is said of one case of pictures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from ..records import Origin, Status


@dataclass(frozen=True)
class PictureResult:
    """One picture of a case.

    ``number`` is the frame, or the slice k of the source, from 0; ``z_mm`` is where a slice stands (LPS). ``classes``
    are probabilities that add up to 1. ``mask_share`` is the share of the picture that is outlined, ``mask_mm2`` its
    area where the spacing (between rows, between columns) is known; None where the network outlines nothing.
    """

    number: int
    rows: int
    columns: int
    classes: Mapping[str, float]
    spacing_mm: tuple[float, float] | None = None
    z_mm: float | None = None
    mask_share: float | None = None
    mask_mm2: float | None = None


@dataclass(frozen=True)
class ImageResult:
    """Everything said of one case: an image file, the frames of one, or the slices of a series.

    ``classes`` sum the pictures up (``summary`` says how), ``predicted`` is the most probable of them and ``positive``
    the one that the pictures are ranked by; ``key`` is the place among ``pictures`` of the most positive one.
    ``n_pictures`` counts all frames or slices of the source; ``pictures`` are those that were looked at. The other
    fields are those of :class:`resmtnet.pipelines.records.CaseResult`.
    """

    case_id: str
    status: Status
    codes: tuple[str, ...]
    reason: str = ""
    notes: tuple[str, ...] = ()
    choice: str = ""
    source: str = ""
    classes: Mapping[str, float] = field(default_factory=dict)
    predicted: str = ""
    positive: str = ""
    summary: str = ""
    key: int = 0
    pictures: tuple[PictureResult, ...] = ()
    n_pictures: int = 0
    n_files: int = 0
    n_used: int = 0
    input_digest: str = ""
    plan_digest: str = ""
    config_hash: str = ""
    weights_hash: str = ""
    bundle: str = ""
    outputs: tuple[str, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)
    timings_s: Mapping[str, float] = field(default_factory=dict)
    origin: Origin = field(default=Origin(""), repr=False)


@dataclass(frozen=True, eq=False)
class PictureView:
    """What can be drawn of one picture: ``grey`` in [0, 1], ``mask`` (bool) and ``heat`` (0 to 1) on the same grid."""

    grey: npt.NDArray[np.float32]
    mask: npt.NDArray[np.bool_] | None = None
    heat: npt.NDArray[np.float32] | None = None
