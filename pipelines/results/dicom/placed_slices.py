"""Where each slice of a DICOM series stands, as its header says it, and how to refer to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from pydicom.dataset import Dataset
from pydicom.valuerep import DSfloat, format_number_as_ds

from ...ingest.ingest_error import IngestError
from ...records import SeriesPlan, SliceSource, Volume
from .source_headers import source_headers

Decimals = tuple[DSfloat, ...]


@dataclass(frozen=True, eq=False)
class PlacedSlice:
    """One of ``plan.slices``: ``header`` of its instance, ``frame`` from 1 or None where it is the only one.

    Geometry as in the header (LPS, mm, the decimal strings as they were); ``pixel_spacing`` is between rows, then
    between columns. Orientation and pixel spacing are alike in all slices of a volume.
    """

    header: Dataset
    frame: int | None
    position: Decimals
    orientation: Decimals
    pixel_spacing: Decimals
    thickness: DSfloat | None


def placed_slices(volume: Volume) -> tuple[PlacedSlice, ...] | None:
    """Return the slices of ``volume.plan`` in order, None where there are no :func:`.source_headers`.

    Where headers differ in orientation or pixel spacing by their rounding, all have those of the volume's affine.

    Raises
    ------
    IngestError
        As :func:`.source_headers`; ``E_BAD_HEADER`` where the geometry is not there.
    """
    headers = source_headers(volume)
    if headers is None:
        return None
    by_uid = {str(header.SOPInstanceUID): header for header in headers}
    try:
        found = [_slice(by_uid[source.sop_instance_uid], source) for source in volume.plan.slices]
    except (AttributeError, KeyError, IndexError, TypeError, ValueError) as error:
        raise IngestError("E_BAD_HEADER", f"({type(error).__name__} in the geometry)") from None
    return tuple(_alike(found, volume.plan))


def _slice(header: Dataset, source: SliceSource) -> PlacedSlice:
    if "PerFrameFunctionalGroupsSequence" not in header:
        position = tuple(header.ImagePositionPatient)
        orientation, spacing = tuple(header.ImageOrientationPatient), tuple(header.PixelSpacing)
        return PlacedSlice(header, None, position, orientation, spacing, _thickness(header))
    measures = _group(header, source.frame, "PixelMeasuresSequence")
    return PlacedSlice(
        header,
        source.frame + 1,
        tuple(_group(header, source.frame, "PlanePositionSequence").ImagePositionPatient),
        tuple(_group(header, source.frame, "PlaneOrientationSequence").ImageOrientationPatient),
        tuple(measures.PixelSpacing),
        _thickness(measures),
    )


def _thickness(measures: Dataset) -> DSfloat | None:
    value = measures.get("SliceThickness")
    return value if isinstance(value, DSfloat) else None  # pydicom leaves text that is no number as it is


def _group(header: Dataset, frame: int, name: str) -> Dataset:
    """Return a functional group of a frame, its own or the one that all share (PS3.3 C.7.6.16)."""
    own = header.PerFrameFunctionalGroupsSequence[frame].get(name)
    item: Dataset = (own or header.SharedFunctionalGroupsSequence[0][name].value)[0]
    return item


def _alike(found: Sequence[PlacedSlice], plan: SeriesPlan) -> list[PlacedSlice]:
    column, row = plan.affine_lps[:3, 0], plan.affine_lps[:3, 1]
    between_columns, between_rows = float(np.linalg.norm(column)), float(np.linalg.norm(row))
    orientation, spacing = found[0].orientation, found[0].pixel_spacing
    if any(each.orientation != orientation for each in found):
        orientation = _decimals([*(column / between_columns), *(row / between_rows)])
    if any(each.pixel_spacing != spacing for each in found):
        spacing = _decimals([between_rows, between_columns])
    return [replace(each, orientation=orientation, pixel_spacing=spacing) for each in found]


def _decimals(values: Sequence[float]) -> Decimals:
    return tuple(DSfloat(format_number_as_ds(float(value))) for value in values)
