"""The data list: annotated scans in one form, whatever form they came in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Point = tuple[float, float, float]


@dataclass(frozen=True)
class ReaderRating:
    """What one reader said of one nodule.

    reader : who, as a number or name that says nothing of a person.
    malignancy : 1 (highly unlikely) to 5 (highly suspicious); None if not rated.
    attributes : the other LIDC characteristics, by name (see ``networks.packing.ATTRIBUTES``), as rated.
    """

    reader: str
    malignancy: int | None = None
    attributes: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class NoduleLabel:
    """One annotated nodule; what nobody said is None or empty, and nothing is learnt about it.

    nodule_id : unique in the scan.
    centre_lps_mm : x, y, z; LPS mm.
    size_mm : edges of its box along x, y, z; None if only a point is known.
    diameter_mm : as the annotation says it, or the largest edge.
    mask : NIfTI file, relative to the list; uint8, bit q set where reader q outlined the nodule. Its voxels are voxels
        of the image (it may be a part of the image's grid; :func:`.nodule_mask.write_nodule_mask` writes it).
    ratings : of every reader who rated it.
    """

    nodule_id: str
    centre_lps_mm: Point
    size_mm: Point | None = None
    diameter_mm: float | None = None
    mask: str | None = None
    ratings: tuple[ReaderRating, ...] = ()


@dataclass(frozen=True)
class Excluded:
    """A place that counts neither as a hit nor as a false positive."""

    centre_lps_mm: Point
    diameter_mm: float


@dataclass(frozen=True)
class ScanLabel:
    """One scan and its nodules.

    case_id : unique in the list; says nothing of a person.
    patient_id : groups the scans of one person; folds never divide it.
    image : a DICOM series folder or a volume file, relative to the list (or absolute). Where a folder holds several
        series, the one whose case id in ``resmtnet ingest`` is ``case_id``.
    complete : every nodule of the scan is annotated, so that other places are known to hold none. A complete scan
        without a nodule is a true negative.
    fold : of a cross-validation, by patient; None if the data set names none.
    checks : codes of what the converter found odd, each with the nodule it concerns (``W_BOX_OUTSIDE_LUNG n1``).
    """

    case_id: str
    patient_id: str
    image: str
    complete: bool
    nodules: tuple[NoduleLabel, ...] = ()
    excluded: tuple[Excluded, ...] = ()
    fold: int | None = None
    checks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Refused:
    """A scan or annotation that did not become part of the list.

    case_id : of the scan; empty where no scan was found.
    code : see ``pipelines/codes.py``.
    reason : what is wrong, where (rows, nodules; nothing that identifies) and what to do.
    """

    case_id: str
    code: str
    reason: str


@dataclass(frozen=True)
class DataList:
    """Annotated scans; all positions are LPS mm.

    manifest : name of the data set's manifest in ``data_manifests`` (``own`` for a user's own data).
    refused : what the converter had to leave out, so that the list says what it lacks.
    """

    manifest: str
    scans: tuple[ScanLabel, ...]
    refused: tuple[Refused, ...] = ()
