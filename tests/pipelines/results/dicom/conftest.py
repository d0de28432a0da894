"""Cases of small DICOM series, read by the project's own ingest, with balls of known place as findings.

Kinds of series: axial, sagittal, oblique, tilted (gantry), uneven (slices up to 8 % off their places), gaps (three
slices missing, filled), jittered (orientation that differs in the fourth digit), enhanced (one file of many frames,
shuffled).
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import numpy as np
import pydicom
import pytest
import SimpleITK as sitk
from pydicom.dataset import Dataset

from resmtnet.pipelines.ingest.ingest_options import IngestOptions
from resmtnet.pipelines.ingest.plan_scans import plan_scans
from resmtnet.pipelines.ingest.read_volume import read_volume
from resmtnet.pipelines.phantom.dicom_series import write_ct_series
from resmtnet.pipelines.records import CaseResult, Finding, FindingMask, Volume

KINDS = ("axial", "sagittal", "oblique", "tilted", "uneven", "gaps", "jittered", "enhanced")
ENCODERS = (
    *("segmentation_dcm", "segmentation_labelmap_dcm", "report_dcm", "report_lines_dcm", "rtstruct_dcm"),
    "key_images_dcm",
)
SHAPE_KJI = (24, 40, 48)
SPACING_MM = (0.9, 1.1, 2.0)
OFFSETS_MM = ((9.0, -5.0, 6.0), (-9.5, 6.0, -4.0))
RADIUS_MM = 6.0
MISSING = (9, 10, 15)
PATIENT = "CANARY^Émile^^Dr"
MIDDLE_MM = (40.0, -30.5, -120.25)
Case = tuple[CaseResult, Volume]
AllObjects = Callable[..., dict[str, bytes]]
Edit = Callable[[int, Dataset], None]
MakeDicomCase = Callable[..., Case]

_AXES = {
    "sagittal": np.array([[0.0, 0, -1], [1, 0, 0], [0, -1, 0]]),  # columns: where i, j and k point
    "oblique": np.array([[0.8, -0.6, 0], [0.48, 0.64, 0.6], [-0.36, -0.48, 0.8]]),
    "tilted": np.array([[1, 0, 0], [0, 1, 0.3], [0, 0, 1]]),
}


def affine_of(kind: str) -> np.ndarray:
    affine = np.eye(4)
    affine[:3, :3] = _AXES.get(kind, np.eye(3)) * SPACING_MM
    middle = affine[:3, :3] @ ((np.array(SHAPE_KJI[::-1]) - 1) / 2)
    affine[:3, 3] = MIDDLE_MM - middle
    return affine


def _edit(kind: str) -> Edit:
    def edit(k: int, ds: Dataset) -> None:
        ds.SpecificCharacterSet, ds.PatientName, ds.PatientID = "ISO_IR 100", PATIENT, "CANARY-7"
        ds.PatientBirthDate, ds.AccessionNumber, ds.StudyDescription = "19500102", "CANARY-A", "CANARY chest"
        if kind == "uneven":
            x, y, z = (float(v) for v in ds.ImagePositionPatient)
            ds.ImagePositionPatient = [x, y, round(z + (0.16 if k % 3 == 1 else 0.0), 3)]
        if kind == "jittered":
            ds.ImageOrientationPatient = [1, 0, 0, 0, round(1 - 1e-8 * (k % 2), 8), 3e-4 * (k % 2)]

    return edit


def _join(paths: Sequence[Path], target: Path) -> None:
    """Make one enhanced file of single slices, its frames out of order."""
    singles = [pydicom.dcmread(path) for path in paths]
    order = [*range(1, len(singles), 2), *range(0, len(singles), 2)]
    ds = singles[0]
    ds.SOPClassUID = ds.file_meta.MediaStorageSOPClassUID = pydicom.uid.EnhancedCTImageStorage
    shared = Dataset()
    for sequence, names in (
        ("PixelMeasuresSequence", ("PixelSpacing", "SliceThickness")),
        ("PlaneOrientationSequence", ("ImageOrientationPatient",)),
        ("PixelValueTransformationSequence", ("RescaleSlope", "RescaleIntercept", "RescaleType")),
    ):
        setattr(shared, sequence, [_item(ds, names)])
    frames = []
    for n in order:
        frame = Dataset()
        frame.PlanePositionSequence = [_item(singles[n], ("ImagePositionPatient",))]
        frames.append(frame)
    ds.PixelData = b"".join(singles[n].PixelData for n in order)
    for name in ("ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing", "RescaleSlope", "RescaleIntercept"):
        delattr(ds, name)
    ds.SharedFunctionalGroupsSequence, ds.PerFrameFunctionalGroupsSequence = [shared], frames
    ds.NumberOfFrames = len(order)
    for path in paths:
        path.unlink()
    ds.save_as(target, enforce_file_format=True)


def _item(source: Dataset, names: Sequence[str]) -> Dataset:
    item = Dataset()
    for name in names:
        item[name] = source[name]
    return item


def _finding(template: Finding, centre: np.ndarray, volume: Volume) -> Finding:
    """Put a ball of 6 mm radius at ``centre`` (LPS): voxels of the volume whose centre lies in it."""
    k, j, i = np.indices(volume.hu.shape)
    places = np.stack([i, j, k, np.ones_like(i)], axis=-1) @ volume.affine_lps[:3].T
    inside = np.linalg.norm(places - centre, axis=-1) <= RADIUS_MM
    found = np.argwhere(inside)
    low, high = found.min(axis=0), found.max(axis=0) + 1
    ijk = np.linalg.solve(volume.affine_lps, [*centre, 1])[:3]

    def at(*offset: float) -> tuple[float, ...]:
        return tuple(float(v) for v in centre + offset)

    return replace(
        template,
        centre_lps_mm=at(0, 0, 0),
        centre_ijk=tuple(float(v) for v in ijk),
        box_lps_mm=(at(*[-RADIUS_MM] * 3), at(*[RADIUS_MM] * 3)),
        box_ijk=(tuple(map(float, low[::-1] - 0.5)), tuple(map(float, high[::-1] - 0.5))),
        long_axis_lps_mm=(at(-RADIUS_MM, 0, 0), at(RADIUS_MM, 0, 0)),
        short_axis_lps_mm=(at(0, -RADIUS_MM, 0), at(0, RADIUS_MM, 0)),
        lung_side="left" if centre[0] > MIDDLE_MM[0] else "right",
        key_slice_k=round(float(ijk[2])),
        mask=FindingMask(
            tuple(map(int, low)), inside[tuple(slice(a, b) for a, b in zip(low, high, strict=True))].copy()
        ),
    )


@pytest.fixture(scope="session")
def volumes_read() -> dict[str, Volume]:
    return {}


@pytest.fixture
def make_dicom_case(
    tmp_path_factory: pytest.TempPathFactory, make_case: Callable[..., Case], volumes_read: dict[str, Volume]
) -> MakeDicomCase:
    def read(kind: str, edit: Edit | None, after: Callable[[Path], None] | None) -> Volume:
        folder = tmp_path_factory.mktemp(kind)
        ours = _edit(kind)

        def both(k: int, ds: Dataset) -> None:
            ours(k, ds)
            if edit is not None:
                edit(k, ds)

        hu = np.full(SHAPE_KJI, -850, np.int16)
        hu[:, 12:20, 12:20] = 30
        paths = write_ct_series(folder, hu, affine_of(kind), edit=both)
        if kind == "enhanced":
            _join(paths, folder / "enhanced")
        for k in MISSING if kind == "gaps" else ():
            paths[k].unlink()
        if after is not None:
            after(folder)
        (plan,) = plan_scans(folder, IngestOptions(fill_gaps=kind == "gaps")).plans
        return read_volume(plan)

    def make(
        kind: str = "axial",
        offsets_mm: Sequence[Sequence[float]] = OFFSETS_MM,
        *,
        edit: Edit | None = None,
        after: Callable[[Path], None] | None = None,
        own: bool = False,
        **change: object,
    ) -> Case:
        """Balls at ``offsets_mm`` (LPS) from (40, -30.5, -120.25); ``edit`` changes slices, ``after`` files.

        A kind as it is is written and read once in a session, unless the test wants its ``own`` files.
        """
        if own or edit is not None or after is not None:
            volume = read(kind, edit, after)
        else:
            if kind not in volumes_read:
                volumes_read[kind] = read(kind, None, None)
            volume = volumes_read[kind]
        (template,) = make_case()[0].findings
        findings = tuple(
            _finding(replace(template, finding_id=n, probability=0.95**n), np.add(MIDDLE_MM, offset), volume)
            for n, offset in enumerate(offsets_mm, start=1)
        )
        result, _ = make_case(
            findings=findings,
            shape_ijk=volume.plan.shape_ijk,
            spacing_mm=volume.plan.spacing_mm,
            affine_lps=volume.affine_lps,
            input_digest=volume.digest,
            codes=volume.codes,
            origin=volume.plan.origin,
            **change,
        )
        return result, volume

    return make


@pytest.fixture(params=KINDS)
def any_dicom_case(request: pytest.FixtureRequest, make_dicom_case: MakeDicomCase) -> Case:
    """A case of each kind of series."""
    return make_dicom_case(request.param)


@pytest.fixture
def all_objects() -> AllObjects:
    def encode(result: CaseResult, volume: Volume, encoders: Sequence[str] = ENCODERS) -> dict[str, bytes]:
        """What each encoder makes of a case, by its name; of the key images each by its own."""
        made: dict[str, bytes] = {}
        for name in encoders:
            data = encoder(name)(result, volume)
            if data is not None:
                made.update({name: data} if isinstance(data, bytes) else data)
        return made

    return encode


def encoder(name: str) -> Callable[[CaseResult, Volume], bytes | dict[str, bytes] | None]:
    return getattr(import_module(f"resmtnet.pipelines.results.dicom.{name}"), name)


@pytest.fixture
def dicom_errors(tmp_path: Path) -> Callable[[bytes], list[str]]:
    """Ask dciodvfy: the lines of its report that are errors."""
    program = shutil.which("dciodvfy")
    if program is None:
        pytest.skip("dciodvfy is not here (dicom3tools)")

    def ask(data: bytes) -> list[str]:
        path = tmp_path / "to_verify.dcm"
        path.write_bytes(data)
        done = subprocess.run([program, str(path)], capture_output=True, text=True, check=False)
        report = (done.stdout + done.stderr).splitlines()
        assert report, "dciodvfy said nothing"
        return [line for line in report if line.startswith(("Error", "Abort"))]

    return ask


def dcmqi_program(name: str) -> Path:
    program = Path(sys.executable).parent / name
    if not program.is_file():
        pytest.skip("dcmqi is not here (package dcmqi)")
    return program


@pytest.fixture
def read_by_dcmqi(tmp_path: Path):
    program = dcmqi_program("segimage2itkimage")

    def read(data: bytes) -> tuple[sitk.Image, dict]:
        """One image of all segments, and what is said of them."""
        folder = tmp_path / f"dcmqi-{len(list(tmp_path.iterdir()))}"
        folder.mkdir()
        (folder / "seg.dcm").write_bytes(data)
        options = ["--inputDICOM", folder / "seg.dcm", "--outputDirectory", folder, "-t", "nrrd", "--mergeSegments"]
        done = subprocess.run([program, *options], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "ERROR" not in done.stdout + done.stderr
        (image,) = folder.glob("*.nrrd")
        (meta,) = folder.glob("*.json")
        return sitk.ReadImage(str(image)), json.loads(meta.read_text())

    return read


@pytest.fixture
def report_by_dcmqi(tmp_path: Path):
    program = dcmqi_program("tid1500reader")

    def read(data: bytes) -> dict:
        (tmp_path / "report.dcm").write_bytes(data)
        call = [program, "--inputDICOM", tmp_path / "report.dcm", "--outputMetadata", tmp_path / "report.json"]
        subprocess.run(call, capture_output=True, check=True)
        return json.loads((tmp_path / "report.json").read_text())

    return read
