"""Series with several oddities at once, drawn at random: what is accepted is right at every voxel."""

from __future__ import annotations

import dataclasses
import os
import random
import shutil
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)
from scipy.spatial.transform import Rotation

from resmtnet.pipelines.ingest.ingest_error import IngestError
from resmtnet.pipelines.ingest.ingest_options import IngestOptions
from resmtnet.pipelines.ingest.plan_scans import plan_scans
from resmtnet.pipelines.ingest.read_volume import read_volume
from resmtnet.pipelines.phantom.code_as import code_as
from resmtnet.pipelines.phantom.dicom_series import write_ct_series
from resmtnet.pipelines.phantom.linear import HU_AT_ORIGIN, HU_PER_MM, linear_phantom
from resmtnet.pipelines.records import Volume

TREES = int(os.environ.get("RESMTNET_RANDOM_TREES", "25"))  # per group; set it higher to look for more
GROUPS = 4
STEEPEST_HU_PER_MM = float(np.linalg.norm(HU_PER_MM))
PHASE_HU = np.int16(40)  # the second stack is brighter by so much: no volume may hold both
ROUNDING_HU = 2.1  # of the phantom (0.5), of a slope of 2 (1) and of the interpolation (0.5)
CODINGS = (
    ImplicitVRLittleEndian,
    ExplicitVRBigEndian,
    DeflatedExplicitVRLittleEndian,
    JPEGLSLossless,
    JPEGLosslessSV1,
    JPEG2000Lossless,
    RLELossless,
)
PHASE_KEYS = ("AcquisitionNumber", "TemporalPositionIdentifier", "ConvolutionKernel", None)


@dataclass(frozen=True, eq=False)
class Tree:
    root: Path
    rng: random.Random
    seed: int

    def often(self, probability: float) -> bool:
        return self.rng.random() < probability


def draw_grid(tree: Tree) -> tuple[np.ndarray, tuple[int, int, int]]:
    """Place a small grid about the origin: turned, tilted, or neither."""
    rng = tree.rng
    affine = np.diag([rng.uniform(0.4, 1.1), rng.uniform(0.4, 1.1), rng.choice([0.625, 1, 1.25, 2.5, 3, 5]), 1.0])
    if tree.often(0.4):
        affine[:3, :3] = Rotation.random(rng=tree.seed).as_matrix() @ affine[:3, :3]
    if tree.often(0.3):
        along_j = affine[:3, 1] / np.linalg.norm(affine[:3, 1])
        affine[:3, 2] += along_j * np.tan(np.radians(rng.uniform(-25, 25))) * np.linalg.norm(affine[:3, 2])
    shape = (rng.choice([6, 8, 12]), 32, 40)
    affine[:3, 3] = -affine[:3, :3] @ (np.array(shape[::-1]) / 2)
    return affine, shape


def write_stacks(tree: Tree) -> list[Path]:
    """Write one or two stacks under one SeriesInstanceUID, told apart by a key or by nothing."""
    rng, (affine, shape) = tree.rng, draw_grid(tree)
    key = rng.choice(PHASE_KEYS)
    files: list[Path] = []
    for stack in range(rng.choice([1, 1, 2])):
        place = affine.copy()
        steps = rng.choice([0.25, 0.5, shape[0]]) if stack and tree.often(0.5) else 0
        place[:3, 3] += affine[:3, 2] * steps
        hu = linear_phantom(shape, place)
        if stack and steps < shape[0]:  # else it goes on where the first one ends, as a step-and-shoot scan does
            hu += PHASE_HU
        numbers = list(range(1, shape[0] + 1))
        if tree.often(0.2) and key:  # without a key the numbers are all that tells
            rng.shuffle(numbers)
        slopes = [rng.choice([1, 2, 0.5]) if tree.often(0.3) else 1 for _ in numbers]

        def edit(k, ds, stack=stack, hu=hu, numbers=numbers, slopes=slopes):
            ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = f"2.25.{tree.seed}{stack}{k:03}"
            ds.SeriesInstanceUID, ds.StudyInstanceUID, ds.FrameOfReferenceUID = "2.25.1", "2.25.2", "2.25.3"
            ds.PatientID = ds.PatientName = "P"
            ds.InstanceNumber = stack * len(numbers) + numbers[k]
            if key:
                setattr(ds, key, str(stack + 1))
            ds.RescaleSlope = slopes[k]
            ds.PixelData = np.rint((hu[k] + 1024.0) / slopes[k]).astype("<i2").tobytes()

        files += write_ct_series(tree.root / str(stack), hu, place, seed=2 * tree.seed + stack, edit=edit)
    return files


def spoil(tree: Tree, files: list[Path]) -> None:
    """Code anew, take out, copy, move aside and zip some of the files."""
    rng = tree.rng
    for path in files:
        if tree.often(0.2):
            code_as(path, rng.choice(CODINGS))
    if tree.often(0.3):
        for path in rng.sample(files, rng.choice([1, 2, 3])):
            path.unlink()
            files = [other for other in files if other != path]
    if tree.often(0.2):
        shutil.copy(rng.choice(files), tree.root / "copy")
    if tree.often(0.15):
        path = rng.choice(files)
        ds = pydicom.dcmread(path)
        ds.ImagePositionPatient = [round(float(v) + rng.gauss(0, 5), 4) for v in ds.ImagePositionPatient]
        ds.save_as(path)
    if tree.often(0.2):
        with zipfile.ZipFile(tree.root / "half.zip", "w", rng.choice([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])) as z:
            for path in files[::2]:
                z.write(path, path.name)
                path.unlink()


def of_first_phase(volume: Volume) -> Volume:
    """Take from a volume of the second stack what it is brighter by."""
    x, y, z = (volume.affine_lps @ [*(np.array(volume.hu.shape[::-1]) // 2), 1])[:3]
    centre = np.dot(HU_PER_MM, (x, y, z)) + HU_AT_ORIGIN
    brighter = volume.hu[tuple(n // 2 for n in volume.hu.shape)] - centre > PHASE_HU / 2
    return dataclasses.replace(volume, hu=volume.hu - PHASE_HU) if brighter else volume


@pytest.mark.parametrize("group", range(GROUPS))
def test_what_is_accepted_is_right(group, tmp_path, assert_linear):
    accepted = refused = 0
    for n in range(TREES):
        seed = group * 10**6 + n + 1
        tree = Tree(tmp_path / str(n), random.Random(seed), seed)
        spoil(tree, write_stacks(tree))
        scans = plan_scans(tree.root, IngestOptions(fill_gaps=tree.often(0.5)))
        refused += len(scans.rejections)
        assert "F_READ" not in [rejection.code for rejection in scans.rejections], seed
        for plan in scans.plans:
            try:
                volume = read_volume(plan)
            except IngestError:
                refused += 1
                continue
            accepted += 1
            off_grid_mm = 0.1 * plan.spacing_mm[2] if "W_UNEVEN_SPACING" in volume.codes else 0.02
            assert_linear(of_first_phase(volume), ROUNDING_HU + STEEPEST_HU_PER_MM * off_grid_mm)
        shutil.rmtree(tree.root)
    assert accepted > TREES / 3
    assert refused > 0
