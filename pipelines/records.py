"""The frozen values that pass between the stages.

Conventions, said once for the whole package:

- Arrays of voxels are ``(k, j, i)``: slice, row, column. Points, shapes in records, spacings and the columns
  of an affine are in the order ``(i, j, k)`` / ``(x, y, z)``.
- World coordinates are **LPS** millimetres (x to the patient's left, y to the back, z to the head), as in DICOM.
  RAS exists only inside MetaTensor and NIfTI files; the flip is defined in :mod:`resmtnet.transforms.ras_from_lps`.
- ``affine_lps`` maps voxel ``(i, j, k, 1)`` to LPS mm.
- CT values are Hounsfield units (HU).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
Point = tuple[float, float, float]
Index = tuple[int, int, int]

Status = Literal["ok", "warned", "rejected", "failed", "skipped"]
Kind = Literal["dicom", "nifti", "metaimage", "nrrd"]


@dataclass(frozen=True)
class Origin:
    """Where a case comes from: identifying, so it goes to ``private/links.csv`` and nowhere else."""

    relative_path: str
    series_uid: str = ""


@dataclass(frozen=True)
class SliceSource:
    """One DICOM instance (or frame of one) that holds one slice of a volume."""

    path: Path
    position_lps: Point
    sop_instance_uid: str
    frame: int = 0


@dataclass(frozen=True)
class SeriesFacts:
    """What the headers of a DICOM series say of how it was made. Texts and UIDs may identify: they are shown nowhere.

    ``thickness_mm`` is SliceThickness and ``said_spacing_mm`` SpacingBetweenSlices, None where not said (alike in all
    slices); the spacing of a plan is measured from the positions.
    """

    modality: str
    image_type: tuple[str, ...]
    kernel: str = field(repr=False)
    body_part: str = field(repr=False)
    description: str = field(repr=False)
    patient: str = field(repr=False)
    study: str = field(repr=False)
    thickness_mm: float | None = None
    said_spacing_mm: float | None = None


@dataclass(frozen=True, eq=False)
class SeriesPlan:
    """A series judged good to read, before any pixel is decoded.

    ``slices`` are ordered along the slice normal (empty for volume files); there may be fewer than ``shape_ijk`` says
    where gaps are to be filled. ``codes`` are warnings (``W_...``) and ``notes`` their particulars; ``choice``
    says why the series was taken; ``facts`` is None for volume files. ``n_files`` counts what belonged to the series,
    ``n_used`` what the volume is read from.
    """

    case_id: str
    kind: Kind
    path: Path
    shape_ijk: Index
    spacing_mm: Point
    affine_lps: FloatArray
    n_files: int
    n_used: int
    codes: tuple[str, ...] = ()
    slices: tuple[SliceSource, ...] = ()
    transfer_syntax: str = ""
    notes: tuple[str, ...] = ()
    choice: str = ""
    facts: SeriesFacts | None = None
    origin: Origin = field(default=Origin(""), repr=False)


@dataclass(frozen=True)
class Rejection:
    """A series or file that was not read, and why. ``reason`` names found, expected and remedy, never a patient."""

    case_id: str
    status: Status
    code: str
    reason: str
    n_files: int
    codes: tuple[str, ...] = ()
    origin: Origin = field(default=Origin(""), repr=False)


@dataclass(frozen=True, eq=False)
class Volume:
    """A CT volume in HU.

    ``hu`` is int16 or float32 ``(k, j, i)``; ``digest`` is the SHA-256 of the voxels, shape and affine (so that a DICOM
    series and a lossless copy in another format carry the same); ``decoder`` says what decoded the pixels.
    """

    hu: npt.NDArray[np.int16] | npt.NDArray[np.float32]
    affine_lps: FloatArray
    plan: SeriesPlan
    codes: tuple[str, ...] = ()
    digest: str = ""
    decoder: str = ""


@dataclass(frozen=True, eq=False)
class FindingMask:
    """The voxels of one finding on the source grid: ``voxels`` (bool, ``(k, j, i)``) placed at ``start_kji``."""

    start_kji: Index
    voxels: npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Finding:
    """One nodule candidate, in source space.

    ``finding_id`` is its label in ``nodules.nii.gz`` (1 is the most probable). Long and short axis are in-plane
    (RECIST-like, longest axial diameter and the longest perpendicular to it), with their end points, which need not lie
    on a slice of the source, nor, those of the long axis, on the outline (:func:`.reader_diameters`);
    ``diameter_3d_mm`` is that of the sphere of equal volume. ``malignancy_sd`` is the standard deviation of the
    predicted reader score (1 to 5); ``calibrated`` is false until a calibration was fitted on data apart;
    ``outline_uncertainty`` lies between 0 (every voxel sure) and 1, and is None where it is not known. ``centre_ijk``
    and ``box_ijk`` are in source voxels (continuous; voxel centres are integers); boxes are (low, high) corners of the
    voxels' outer faces.
    """

    finding_id: int
    probability: float
    centre_lps_mm: Point
    centre_ijk: Point
    box_lps_mm: tuple[Point, Point]
    box_ijk: tuple[Point, Point]
    long_axis_mm: float
    short_axis_mm: float
    long_axis_lps_mm: tuple[Point, Point]
    short_axis_lps_mm: tuple[Point, Point]
    diameter_3d_mm: float
    volume_mm3: float
    mean_hu: float
    malignancy_probability: float
    malignancy_sd: float
    calibrated: bool
    outline_uncertainty: float | None
    attributes: Mapping[str, float]
    lung_side: Literal["left", "right", "unknown"]
    key_slice_k: int
    mask: FindingMask


@dataclass(frozen=True, eq=False)
class CaseResult:
    """Everything said of one case. Written last of a case's files: its presence means "done".

    ``input_digest`` is the SHA-256 of the voxels as they were read, ``plan_digest`` that of the plan they were read by.
    ``outputs`` are the kinds of files that were asked for (:data:`.CASE_FILES`).
    """

    case_id: str
    status: Status
    codes: tuple[str, ...]
    reason: str = ""
    notes: tuple[str, ...] = ()
    choice: str = ""
    findings: tuple[Finding, ...] = ()
    n_files: int = 0
    n_used: int = 0
    shape_ijk: Index | None = None
    spacing_mm: Point | None = None
    affine_lps: FloatArray | None = None
    input_digest: str = ""
    plan_digest: str = ""
    config_hash: str = ""
    weights_hash: str = ""
    bundle: str = ""
    outputs: tuple[str, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)
    timings_s: Mapping[str, float] = field(default_factory=dict)
    origin: Origin = field(default=Origin(""), repr=False)
