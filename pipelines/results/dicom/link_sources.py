"""The references of a segmentation to what it was made from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

import numpy as np
from pydicom.dataset import Dataset
from pydicom.valuerep import DSfloat, format_number_as_ds

from ...ingest.header.transfer_syntaxes import TRANSFER_SYNTAXES
from ...records import SeriesPlan
from .placed_slices import PlacedSlice
from .stand_in import stand_in_uid

_UNEVEN = frozenset({"W_RESAMPLED", "W_UNEVEN_SPACING"})


def link_sources(made: Dataset, taken: Sequence[PlacedSlice], plan: SeriesPlan) -> Dataset:
    """Return a segmentation that was made from stand-ins with the true references, spacing and loss of its sources.

    Every frame refers to its instance (and frame), the object to all of them and to their series (PS3.3 C.12.2).
    SpacingBetweenSlices is the distance along the normal, and left out where the slices stand unevenly.
    """
    of_stand_in = {stand_in_uid(n): source for n, source in enumerate(taken)}
    items = [
        item
        for group in made.PerFrameFunctionalGroupsSequence
        for derivation in group.DerivationImageSequence
        for item in derivation.SourceImageSequence
    ]
    # all are looked up before any is changed: frames of one slice may share an item
    for item, source in [(item, of_stand_in[item.ReferencedSOPInstanceUID]) for item in items]:
        _refer(item, [source])
    files = [tuple(group) for _, group in groupby(taken, lambda each: each.header.SOPInstanceUID)]
    made.SourceImageSequence = [_refer(Dataset(), file) for file in files]
    series = Dataset()
    series.SeriesInstanceUID = taken[0].header.SeriesInstanceUID
    series.ReferencedInstanceSequence = [_instance(file[0]) for file in files]
    made.ReferencedSeriesSequence = [series]
    made.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence = [_measures(taken[0], plan)]
    made.update({element.tag: element for element in _loss(taken, plan)})
    return made


def _instance(source: PlacedSlice) -> Dataset:
    item = Dataset()
    item.ReferencedSOPClassUID = source.header.SOPClassUID
    item.ReferencedSOPInstanceUID = source.header.SOPInstanceUID
    return item


def _refer(item: Dataset, frames: Sequence[PlacedSlice]) -> Dataset:
    item.update({element.tag: element for element in _instance(frames[0])})
    numbers = [each.frame for each in frames if each.frame is not None]
    if numbers:
        item.ReferencedFrameNumber = numbers if len(numbers) > 1 else numbers[0]
    return item


def _measures(first: PlacedSlice, plan: SeriesPlan) -> Dataset:
    item = Dataset()
    item.PixelSpacing = list(first.pixel_spacing)
    if first.thickness is not None:
        item.SliceThickness = first.thickness
    if not _UNEVEN.intersection(plan.codes):
        axes = plan.affine_lps[:3, :3]
        normal = np.cross(axes[:, 0], axes[:, 1])
        spacing_mm = abs(float(normal @ axes[:, 2])) / float(np.linalg.norm(normal))
        item.SpacingBetweenSlices = DSfloat(format_number_as_ds(spacing_mm))
    return item


def _loss(taken: Iterable[PlacedSlice], plan: SeriesPlan) -> Dataset:
    """Say that pixels were once compressed with loss where any of the sources was (PS3.3 C.7.6.1.1.5)."""
    loss = Dataset()
    headers = [each.header for each in taken]
    lossy = [header for header in headers if str(header.get("LossyImageCompression", "")) == "01"]
    coded = any(TRANSFER_SYNTAXES[name].lossy for name in plan.transfer_syntax.split())
    loss.LossyImageCompression = "01" if lossy or coded else "00"
    for name in ("LossyImageCompressionRatio", "LossyImageCompressionMethod"):
        if lossy and name in lossy[0]:
            loss[name] = lossy[0][name]
    return loss
