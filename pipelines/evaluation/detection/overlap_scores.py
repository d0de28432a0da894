"""Average precision and recall of boxes, in the manner of COCO."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .detection import Detection
from .true_scan import Place, TrueScan
from .within import within

IOU_THRESHOLDS = (0.10, 0.15, 0.20, 0.25, 0.30, 0.35, 0.40, 0.45, 0.50)
"""0.1 to 0.5 by 0.05, as the published nodule detectors use."""
_RECALLS = np.linspace(0, 1, 101)

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class OverlapScores:
    """AP and AR at each IoU; nan without a nodule.

    average_precision : mean over 101 recalls (0, 0.01, ..., 1) of the best precision at that recall or beyond.
    average_recall : recall with all detections.
    """

    iou_thresholds: tuple[float, ...]
    average_precision: tuple[float, ...]
    average_recall: tuple[float, ...]


def overlap_scores(
    truth: Sequence[TrueScan],
    by_case: Mapping[str, Sequence[Detection]],
    *,
    iou_thresholds: Sequence[float] = IOU_THRESHOLDS,
) -> OverlapScores:
    """Match the detections of each scan, best first, to the free nodule that they overlap most, from the IoU on.

    A detection that matches none is a false positive, unless its centre lies in an excluded finding and in no nodule
    (within their radii): then it is neither. Detections of equal probability make one step of the curve,
    so that their order does not matter. A nodule without a box is a cube of its diameter.

    Raises
    ------
    ValueError
        A detection has no size.
    """
    n_nodules = sum(len(scan.nodules) for scan in truth)
    scans = [_overlaps(scan, by_case.get(scan.case, ())) for scan in truth]
    found = [_at(scans, float(iou), n_nodules) for iou in iou_thresholds]
    return OverlapScores(tuple(iou_thresholds), tuple(ap for ap, _ in found), tuple(ar for _, ar in found))


@dataclass(frozen=True, eq=False)
class _Scan:
    """Of one scan, best detection first: probability, IoU ``(detections, nodules)``, and which may be left out."""

    probability: FloatArray
    iou: FloatArray
    excluded: npt.NDArray[np.bool_]


def _overlaps(scan: TrueScan, detections: Sequence[Detection]) -> _Scan:
    ordered = sorted(detections, key=lambda d: -d.probability)
    if any(d.size_mm is None for d in ordered):
        raise ValueError("overlap needs the size of every detection")
    points = [d.centre_lps_mm for d in ordered]
    centres = np.array([n.centre_lps_mm for n in scan.nodules], dtype=np.float64).reshape(-1, 3)
    sizes = np.array([_edges(n) for n in scan.nodules], dtype=np.float64).reshape(-1, 3)
    own_sizes = np.array([d.size_mm for d in ordered], dtype=np.float64).reshape(-1, 3)
    return _Scan(
        np.array([d.probability for d in ordered], dtype=np.float64),
        _iou(np.array(points, dtype=np.float64).reshape(-1, 3), own_sizes, centres, sizes),
        np.asarray(within(points, scan.excluded).any(axis=0) & ~within(points, scan.nodules).any(axis=0)),
    )


def _iou(centres: FloatArray, sizes: FloatArray, others: FloatArray, other_sizes: FloatArray) -> FloatArray:
    """Intersection over union of each box with each other one.

    As :func:`resmtnet.transforms.boxes.box_iou`, which would load torch: seconds that scoring a table does not need.
    """
    low = np.maximum((centres - sizes / 2)[:, None], (others - other_sizes / 2)[None])
    high = np.minimum((centres + sizes / 2)[:, None], (others + other_sizes / 2)[None])
    common = np.prod(np.clip(high - low, 0, None), axis=2)
    iou: FloatArray = common / (np.prod(sizes, axis=1)[:, None] + np.prod(other_sizes, axis=1)[None] - common)
    return iou


def _edges(nodule: Place) -> tuple[float, float, float]:
    return nodule.size_mm or (nodule.diameter_mm,) * 3


def _at(scans: Sequence[_Scan], iou: float, n_nodules: int) -> tuple[float, float]:
    if n_nodules == 0:
        return float("nan"), float("nan")
    matched = [_match(scan.iou, iou) for scan in scans]
    counts = [m | ~scan.excluded for m, scan in zip(matched, scans, strict=True)]
    probability = np.concatenate([scan.probability[c] for scan, c in zip(scans, counts, strict=True)])
    true = np.concatenate([m[c] for m, c in zip(matched, counts, strict=True)])
    order = np.argsort(-probability, kind="stable")
    ends = np.append(probability[order][1:] != probability[order][:-1], True)[: len(order)]
    n_true = np.cumsum(true[order])[ends]
    recall, precision = n_true / n_nodules, n_true / (np.flatnonzero(ends) + 1)
    best = np.maximum.accumulate(precision[::-1])[::-1]
    place = np.searchsorted(recall, _RECALLS, side="left")
    ap = float(np.append(best, 0.0)[place].mean())
    return ap, float(recall[-1]) if len(recall) else 0.0


def _match(iou: FloatArray, least: float) -> npt.NDArray[np.bool_]:
    """Which detection gets a nodule of its own."""
    free = np.ones(iou.shape[1], dtype=bool)
    got = np.zeros(iou.shape[0], dtype=bool)
    for n, row in enumerate(iou):
        fits = np.where(free & (row >= least), row, -1.0)
        if fits.size and fits.max() >= 0:
            free[int(fits.argmax())] = False
            got[n] = True
    return got
