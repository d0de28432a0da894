"""One case per row of the catalogue of odd series, on the linear-in-world phantom."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import gdcm
import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLSLossless,
    RLELossless,
)

from resmtnet.pipelines.phantom.dicom_series import write_ct_series
from resmtnet.pipelines.phantom.linear import linear_phantom

SHAPE = (12, 32, 40)
Make = Callable[[Path, np.ndarray], object]
Edit = Callable[[int, Dataset], None]


@dataclass(frozen=True)
class Case:
    row: int
    name: str
    make: Make
    volumes: list[set[str]] = field(default_factory=list)  # warning codes of each accepted volume
    refused: list[str] = field(default_factory=list)
    slices: int = SHAPE[0]
    skipped: dict[str, int] = field(default_factory=dict)
    tolerance_hu: float = 0.51

    @property
    def id(self) -> str:
        return f"row{self.row:02d}_{self.name.replace(' ', '_')}"


def write(folder: Path, affine: np.ndarray, edit: Edit | None = None, seed: int = 0, shape: tuple[int, ...] = SHAPE):
    return write_ct_series(folder, linear_phantom(shape, affine), affine, seed=seed, edit=edit)


def plain(edit: Edit) -> Make:
    return lambda folder, affine: write(folder, affine, edit)


def setting(**values: object) -> Make:
    def edit(k: int, ds: Dataset) -> None:
        for name, value in values.items():
            setattr(ds, name, value)

    return plain(edit)


def on_slice(number: int, **values: object) -> Make:
    def edit(k: int, ds: Dataset) -> None:
        if k == number:
            for name, value in values.items():
                setattr(ds, name, value)

    return plain(edit)


def without(*names: str, only: int | None = None) -> Make:
    def edit(k: int, ds: Dataset) -> None:
        if only is None or k == only:
            for name in names:
                delattr(ds, name)

    return plain(edit)


def per_slice(name: str, value: Callable[[int], object]) -> Make:
    return plain(lambda k, ds: setattr(ds, name, value(k)))


def on_grid(change: Callable[[np.ndarray], np.ndarray]) -> Make:
    return lambda folder, affine: write(folder, change(affine))


def resave(path: Path, edit: Callable[[Dataset], None], target: Path | None = None) -> None:
    ds = pydicom.dcmread(path)
    edit(ds)
    ds.save_as(target or path, enforce_file_format=True)


def stored(ds: Dataset) -> np.ndarray:
    return np.frombuffer(ds.PixelData, "<i2").reshape(ds.Rows, ds.Columns)


def store(ds: Dataset, values: np.ndarray, kind: str = "<i2") -> None:
    ds.PixelData = values.astype(kind).tobytes()


# --- what each row does to a series ---------------------------------------------------------------------------------


def missing_slice(folder: Path, affine: np.ndarray) -> None:
    write(folder, affine)[5].unlink()


def copied_file(folder: Path, affine: np.ndarray) -> None:
    shutil.copy(write(folder, affine)[3], folder / "copy")


def other_pixels_at_one_position(folder: Path, affine: np.ndarray) -> None:
    files = write(folder, affine)
    for n in (3, 4):

        def change(ds: Dataset) -> None:
            ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID[:-1] + "77"
            store(ds, stored(ds) + 1)

        resave(files[n], change, folder / f"other{n}")


def one_uid_for_two_images(folder: Path, affine: np.ndarray) -> None:
    resave(write(folder, affine)[3], lambda ds: store(ds, stored(ds) + 1), folder / "other")


def phases(**of_phase: Callable[[int, int], object]) -> Make:
    def make(folder: Path, affine: np.ndarray) -> None:
        first = write(folder / "a", affine)
        series = pydicom.dcmread(first[0]).SeriesInstanceUID
        for phase, name in enumerate("ab"):

            def edit(k: int, ds: Dataset, phase: int = phase) -> None:
                reference = pydicom.dcmread(first[0], stop_before_pixels=True)
                ds.SeriesInstanceUID, ds.StudyInstanceUID = series, reference.StudyInstanceUID
                ds.FrameOfReferenceUID, ds.PatientID = reference.FrameOfReferenceUID, reference.PatientID
                ds.PatientName = reference.PatientName
                ds.InstanceNumber = phase * SHAPE[0] + k + 1
                for key, value in of_phase.items():
                    setattr(ds, key, value(phase, k))

            # the first files are written again, now with the marks of their phase
            write(folder / name, affine, edit, seed=phase)

    return make


def tilted(degrees: float) -> Callable[[np.ndarray], np.ndarray]:
    def change(affine: np.ndarray) -> np.ndarray:
        sheared = affine.copy()
        sheared[1, 2] = np.tan(np.radians(degrees)) * affine[2, 2]
        return sheared

    return change


def turned(*columns: tuple[float, float, float]) -> Callable[[np.ndarray], np.ndarray]:
    def change(affine: np.ndarray) -> np.ndarray:
        matrix = affine.copy()
        axes = np.array(columns, dtype=float).T
        matrix[:3, :3] = np.column_stack([axes, np.cross(axes[:, 0], axes[:, 1])]) @ affine[:3, :3]
        return matrix

    return change


def tilt_without_tag(folder: Path, affine: np.ndarray) -> None:
    write(folder, tilted(-15)(affine), lambda k, ds: setattr(ds, "GantryDetectorTilt", 0))


def prone(folder: Path, affine: np.ndarray) -> None:
    write(folder, turned((-1, 0, 0), (0, -1, 0))(affine), lambda k, ds: setattr(ds, "PatientPosition", "HFP"))


def oblique(affine: np.ndarray) -> np.ndarray:
    a, b = np.radians(17), np.radians(-31)
    about_z = np.array([[np.cos(a), -np.sin(a), 0], [np.sin(a), np.cos(a), 0], [0, 0, 1]])
    about_x = np.array([[1, 0, 0], [0, np.cos(b), -np.sin(b)], [0, np.sin(b), np.cos(b)]])
    axes = about_z @ about_x
    return turned(tuple(axes[:, 0]), tuple(axes[:, 1]))(affine)


def variable_spacing(folder: Path, affine: np.ndarray) -> None:
    def edit(k: int, ds: Dataset) -> None:
        x, y, _ = ds.ImagePositionPatient
        ds.ImagePositionPatient = [x, y, -100 + (2 * k if k < 6 else 12 + 5 * (k - 6))]

    write(folder, affine, edit)


def localizer(rows: int, image_type: str) -> Make:
    def make(folder: Path, affine: np.ndarray) -> None:
        ds = pydicom.dcmread(write(folder, affine)[0])
        ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID[:-1] + "99"
        ds.ImageOrientationPatient = [0, 1, 0, 0, 0, -1]
        ds.ImageType = ["ORIGINAL", "PRIMARY", image_type]
        ds.Rows = rows
        ds.PixelData = bytes(rows * ds.Columns * 2)
        ds.save_as(folder / "scout", enforce_file_format=True)

    return make


def two_series(folder: Path, affine: np.ndarray) -> None:
    write(folder, affine, seed=1)
    write(folder, affine, seed=2)


def mixed_size(folder: Path, affine: np.ndarray) -> None:
    def edit(k: int, ds: Dataset) -> None:
        if k == 5:
            ds.Rows, ds.PixelData = 8, bytes(8 * ds.Columns * 2)

    write(folder, affine, edit)


def jitter(folder: Path, affine: np.ndarray) -> None:
    def edit(k: int, ds: Dataset) -> None:
        ds.ImagePositionPatient = [float(v) + 0.004 * (-1) ** k for v in ds.ImagePositionPatient]

    write(folder, affine, edit)


def uneven(folder: Path, affine: np.ndarray) -> None:
    def edit(k: int, ds: Dataset) -> None:
        x, y, z = ds.ImagePositionPatient
        ds.ImagePositionPatient = [x, y, float(z) + (0.1 if k == 5 else 0)]

    write(folder, affine, edit)


def orientation_jitter(size: float) -> Make:
    def edit(k: int, ds: Dataset) -> None:
        ds.ImageOrientationPatient = [1, size * (-1) ** k, 0, -size * (-1) ** k, 1, 0]

    return plain(edit)


def rescale_per_slice(folder: Path, affine: np.ndarray) -> None:
    def edit(k: int, ds: Dataset) -> None:
        hu = stored(ds).astype(np.int32) - 1024
        ds.RescaleIntercept = -1024 - k
        store(ds, hu + 1024 + k)

    write(folder, affine, edit)


def fractional_rescale(folder: Path, affine: np.ndarray) -> None:
    def edit(k: int, ds: Dataset) -> None:
        hu = stored(ds).astype(np.float64) - 1024
        ds.RescaleSlope, ds.RescaleIntercept = "0.25", "-1000.5"
        store(ds, np.rint((hu + 1000.5) / 0.25))

    write(folder, affine, edit)


def unsigned_wide(folder: Path, affine: np.ndarray) -> None:
    """Stored values above 32767, brought back by the intercept."""

    def edit(k: int, ds: Dataset) -> None:
        hu = stored(ds).astype(np.int32) - 1024
        ds.PixelRepresentation, ds.RescaleIntercept = 0, -40000
        store(ds, hu + 40000, "<u2")

    write(folder, affine, edit)


def garbage_bits(signed: bool) -> Make:
    def edit(k: int, ds: Dataset) -> None:
        hu = stored(ds).astype(np.int32) - 1024
        ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 12, 11, int(signed)
        ds.RescaleIntercept = 0 if signed else -1024
        values = (hu if signed else hu + 1024) & 0x0FFF
        store(ds, values | 0xA000, "<u2")

    return plain(edit)


def high_bits(folder: Path, affine: np.ndarray) -> None:
    def edit(k: int, ds: Dataset) -> None:
        ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 12, 15, 0
        store(ds, (stored(ds).astype(np.int32) << 4) | 0x5, "<u2")

    write(folder, affine, edit)


def no_preamble(folder: Path, affine: np.ndarray) -> None:
    for path in write(folder, affine):
        ds = pydicom.dcmread(path)
        del ds.file_meta
        ds.preamble = None
        ds.save_as(path, implicit_vr=True, little_endian=True, enforce_file_format=False)


def cut(folder: Path, affine: np.ndarray) -> None:
    path = write(folder, affine)[4]
    path.write_bytes(path.read_bytes()[:-100])


def cut_compressed(folder: Path, affine: np.ndarray) -> None:
    compressed(JPEGLSLossless, "pyjpegls")(folder, affine)
    path = sorted(folder.iterdir())[4]
    path.write_bytes(path.read_bytes()[:-100])


def junk(folder: Path, affine: np.ndarray) -> None:
    write(folder / "deep" / "er", affine)
    (folder / "empty.dcm").touch()
    (folder / "note.txt").write_text("no image here")
    (folder / "text.dcm").write_text("no image here either, although it is called so" * 50)
    (folder / ".DS_Store").write_bytes(b"\0\0\0\1Bud1")
    (folder / "Thumbs.db").write_bytes(b"\xd0\xcf\x11\xe0")
    (folder / "LICENSE").write_text("free")
    (folder / "report.pdf").write_bytes(b"%PDF-1.4")
    (folder / "link").symlink_to(folder / "note.txt")
    resave(write(folder / "deep" / "dir", affine, seed=0)[0], as_dicomdir, folder / "DICOMDIR")
    shutil.rmtree(folder / "deep" / "dir")


def as_dicomdir(ds: Dataset) -> None:
    ds.SOPClassUID = ds.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.1.3.10"


def other_objects(folder: Path, affine: np.ndarray) -> None:
    files = write(folder, affine)
    sop_classes = ("66.4", "88.33", "11.1", "481.3", "88.67", "7", "104.1")  # SEG SR PR RTSTRUCT dose SC PDF
    for n, tail in enumerate(sop_classes):

        def change(ds: Dataset, tail: str = tail) -> None:
            ds.SOPClassUID = ds.file_meta.MediaStorageSOPClassUID = f"1.2.840.10008.5.1.4.1.1.{tail}"

        resave(files[n], change, folder / f"object{n}")


def enhanced(folder: Path, affine: np.ndarray) -> None:
    files = [pydicom.dcmread(path) for path in write(folder, affine)]
    ds = files[0]
    ds.SOPClassUID = ds.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.2.1"
    shared, measures, plane, rescale = Dataset(), Dataset(), Dataset(), Dataset()
    measures.PixelSpacing, plane.ImageOrientationPatient = ds.PixelSpacing, ds.ImageOrientationPatient
    rescale.RescaleSlope, rescale.RescaleIntercept, rescale.RescaleType = 1, -1024, "HU"
    shared.PixelMeasuresSequence, shared.PlaneOrientationSequence = [measures], [plane]
    shared.PixelValueTransformationSequence = [rescale]
    frames = []
    for single in files:
        frame, position = Dataset(), Dataset()
        position.ImagePositionPatient = single.ImagePositionPatient
        frame.PlanePositionSequence = [position]
        frames.append(frame)
    order = [*range(1, len(files), 2), *range(0, len(files), 2)]
    ds.SharedFunctionalGroupsSequence = [shared]
    ds.PerFrameFunctionalGroupsSequence = [frames[n] for n in order]
    pixels = b"".join(files[n].PixelData for n in order)
    for name in ("ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing", "RescaleSlope", "RescaleIntercept"):
        delattr(ds, name)
    ds.NumberOfFrames, ds.PixelData = len(order), pixels
    shutil.rmtree(folder)
    folder.mkdir()
    ds.save_as(folder / "enhanced", enforce_file_format=True)


def big_endian(folder: Path, affine: np.ndarray) -> None:
    def edit(k: int, ds: Dataset) -> None:
        ds.file_meta.TransferSyntaxUID = ExplicitVRBigEndian
        store(ds, stored(ds), ">i2")

    write(folder, affine, edit)


def in_syntax(uid: str) -> Make:
    return plain(lambda k, ds: setattr(ds.file_meta, "TransferSyntaxUID", uid))


def compressed(uid: str, plugin: str, signed: bool = True) -> Make:
    def edit(k: int, ds: Dataset) -> None:
        if signed:  # values below zero are the hard ones
            ds.RescaleIntercept = 0
            store(ds, stored(ds).astype(np.int32) - 1024)
        ds.compress(uid, encoding_plugin=plugin, generate_instance_uid=False)

    return plain(edit)


def jpeg_lossless(folder: Path, affine: np.ndarray) -> None:
    for path in write(folder, affine):
        reader, change, writer = gdcm.ImageReader(), gdcm.ImageChangeTransferSyntax(), gdcm.ImageWriter()
        reader.SetFileName(str(path))
        assert reader.Read()
        change.SetTransferSyntax(gdcm.TransferSyntax(gdcm.TransferSyntax.JPEGLosslessProcess14_1))
        change.SetInput(reader.GetImage())
        assert change.Change()
        writer.SetFile(reader.GetFile())
        writer.SetImage(change.GetOutput())
        writer.SetFileName(str(path))
        assert writer.Write()


def private_syntax(folder: Path, affine: np.ndarray) -> None:
    for path in write(folder, affine):
        data = path.read_bytes()
        path.write_bytes(data.replace(b"1.2.840.10008.1.2.1\0", b"1.2.840.113619.5.2\0\0", 1))


def other_codestream(uid: str, plugin: str) -> Make:
    def make(folder: Path, affine: np.ndarray) -> None:
        compressed(uid, plugin)(folder, affine)
        for path in folder.iterdir():
            resave(path, lambda ds: setattr(ds, "Rows", ds.Rows - 4))

    return make


def deflate_bomb(folder: Path, affine: np.ndarray) -> None:
    def edit(k: int, ds: Dataset) -> None:
        if k == 0:
            ds.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
            ds.add_new(0x00091001, "OB", bytes(80 * 2**20))

    write(folder, affine, edit)


def padding(folder: Path, affine: np.ndarray) -> None:
    """Corners at -2000 HU; their voxels are put back by hand below, where the test looks at values."""

    def edit(k: int, ds: Dataset) -> None:
        values = stored(ds).copy()
        values[0, 0] = -976
        store(ds, values)

    write(folder, affine, edit)


UP = {"W_GANTRY_TILT"}
ORIENTATION = {"refused": ["E_BAD_ORIENTATION"]}
MISMATCH = {"refused": ["E_CODESTREAM_MISMATCH"]}
CASES = [
    Case(1, "clean", plain(lambda k, ds: None), [set()]),
    Case(2, "instance numbers reversed", per_slice("InstanceNumber", lambda k: 12 - k), [set()]),
    Case(3, "instance numbers shuffled", per_slice("InstanceNumber", lambda k: k * 5 % 12 + 1), [{"W_INSTANCE_ORDER"}]),
    Case(4, "slice missing", missing_slice, refused=["E_MISSING_SLICES"]),
    Case(5, "first slices missing", per_slice("InstanceNumber", lambda k: k + 5), [{"W_PARTIAL_COVERAGE"}]),
    Case(6, "file twice", copied_file, [{"W_DUPLICATE_FILE"}]),
    Case(7, "two images at a position", other_pixels_at_one_position, refused=["E_DUPLICATE_POSITION"]),
    Case(8, "one uid two images", one_uid_for_two_images, refused=["E_UID_CONFLICT"]),
    Case(9, "phases by acquisition", phases(AcquisitionNumber=lambda p, k: p + 1), [{"W_PHASES_SPLIT"}] * 2),
    Case(9, "phases by temporal position", phases(TemporalPositionIdentifier=lambda p, k: p), [{"W_PHASES_SPLIT"}] * 2),
    Case(9, "phases by time", phases(ContentTime=lambda p, k: f"1200{10 + 20 * p + k}"), [{"W_PHASES_SPLIT"}] * 2),
    Case(9, "phases by kernel", phases(ConvolutionKernel=lambda p, k: "AB"[p]), [{"W_PHASES_SPLIT"}] * 2),
    Case(9, "phases that mix", phases(ContentTime=lambda p, k: f"1200{10 + k}"), refused=["E_DUPLICATE_POSITION"]),
    Case(10, "acquisition in pairs", per_slice("AcquisitionNumber", lambda k: k // 2), [set()]),
    Case(10, "acquisition in fours", per_slice("AcquisitionNumber", lambda k: k // 4), [set()]),
    Case(11, "tilt 15", on_grid(tilted(15)), [UP]),
    Case(11, "tilt -15 and tag says 0", tilt_without_tag, [UP]),
    Case(12, "tilt 2", on_grid(tilted(2)), [UP]),
    Case(13, "variable spacing", variable_spacing, refused=["E_IRREGULAR_SPACING"]),
    Case(14, "localizer inside", localizer(32, "LOCALIZER"), [{"W_LOCALIZER_DROPPED"}]),
    Case(14, "localizer without its name", localizer(32, "AXIAL"), [{"W_LOCALIZER_DROPPED"}]),
    Case(15, "localizer of other size", localizer(50, "AXIAL"), [{"W_LOCALIZER_DROPPED"}]),
    Case(16, "two series", two_series, [set(), set()]),
    Case(17, "two patients", on_slice(3, PatientID="OTHER"), refused=["E_MIXED_PATIENT"]),
    Case(17, "two studies", on_slice(3, StudyInstanceUID="2.25.1"), refused=["E_MIXED_PATIENT"]),
    Case(18, "two frames of reference", on_slice(3, FrameOfReferenceUID="2.25.1"), refused=["E_MIXED_FOR"]),
    Case(19, "pixel spacing differs", on_slice(3, PixelSpacing=[0.8, 0.71]), refused=["E_MIXED_PIXELSPACING"]),
    Case(20, "one slice of other size", mixed_size, refused=["E_MIXED_SIZE"]),
    Case(21, "anisotropic pixels", on_grid(lambda a: a @ np.diag([0.5 / 0.7, 0.9 / 0.8, 1, 1])), [set()]),
    Case(22, "sagittal", on_grid(turned((0, 1, 0), (0, 0, -1))), [set()]),
    Case(22, "coronal", on_grid(turned((1, 0, 0), (0, 0, -1))), [set()]),
    Case(22, "oblique", on_grid(oblique), [set()]),
    Case(23, "prone", prone, [set()]),
    Case(24, "position jitter", jitter, [set()], tolerance_hu=0.6),
    Case(24, "position off by 4 percent", uneven, [{"W_UNEVEN_SPACING"}], tolerance_hu=0.51 + 0.1 * 7),
    Case(25, "orientation jitter 3e-5", orientation_jitter(3e-5), [set()]),
    Case(25, "orientation jitter 3e-4", orientation_jitter(3e-4), [{"W_ORIENTATION_JITTER"}], tolerance_hu=0.55),
    Case(26, "orientation skewed", setting(ImageOrientationPatient=[1, 0, 0, 0.02, 1, 0]), **ORIENTATION),
    Case(26, "orientation too long", on_slice(2, ImageOrientationPatient=[1.01, 0, 0, 0, 1, 0]), **ORIENTATION),
    Case(26, "orientation missing", without("ImageOrientationPatient"), **ORIENTATION),
    Case(27, "position missing once", without("ImagePositionPatient", only=4), refused=["E_NO_POSITION"]),
    Case(28, "position empty", on_slice(4, ImagePositionPatient=""), refused=["E_BAD_POSITION"]),
    Case(28, "position of two values", on_slice(4, ImagePositionPatient=[1, 2]), refused=["E_BAD_POSITION"]),
    Case(29, "no geometry", without("ImagePositionPatient", "ImageOrientationPatient"), refused=["E_NO_GEOMETRY"]),
    Case(30, "no pixel spacing", without("PixelSpacing"), refused=["E_NO_PIXELSPACING"]),
    Case(30, "pixel spacing zero", setting(PixelSpacing=[0, 0.7]), refused=["E_NO_PIXELSPACING"]),
    Case(31, "rescale per slice", rescale_per_slice, [set()]),
    Case(31, "rescale of fractions", fractional_rescale, [set()], tolerance_hu=0.76),
    Case(31, "stored above 32767", unsigned_wide, [set()]),
    Case(32, "no slope", without("RescaleSlope"), refused=["E_NO_RESCALE"]),
    Case(32, "no intercept in one", without("RescaleIntercept", only=7), refused=["E_NO_RESCALE"]),
    Case(33, "slope zero", setting(RescaleSlope=0), refused=["E_BAD_RESCALE"]),
    Case(34, "MONOCHROME1", setting(PhotometricInterpretation="MONOCHROME1"), [set()]),
    Case(35, "garbage above 12 bits", garbage_bits(signed=False), [set()]),
    Case(35, "garbage above 12 bits, signed", garbage_bits(signed=True), [set()]),
    Case(35, "12 bits at the top", high_bits, [set()]),
    Case(37, "three slices", lambda f, a: write(f, a, shape=(3, 32, 40)), refused=["E_TOO_FEW_SLICES"]),
    Case(37, "one slice", lambda f, a: write(f, a, shape=(1, 32, 40)), refused=["E_TOO_FEW_SLICES"]),
    Case(38, "no instance number", without("InstanceNumber"), [set()]),
    Case(39, "no preamble", no_preamble, [{"W_NO_PREAMBLE"}]),
    Case(40, "one file cut", cut, refused=["E_TRUNCATED"]),
    Case(40, "one compressed file cut", cut_compressed, refused=["E_TRUNCATED"]),
    Case(41, "junk", junk, [set()], skipped={"I_DICOMDIR": 1, "I_NON_DICOM": 7, "I_NOT_REGULAR": 1}),
    Case(42, "other objects", other_objects, [set()], skipped={"I_NON_IMAGE": 7}),
    Case(43, "enhanced multi-frame", enhanced, [set()]),
    Case(44, "big endian", big_endian, [set()]),
    Case(44, "deflated", in_syntax(DeflatedExplicitVRLittleEndian), [set()]),
    Case(44, "implicit", in_syntax(ImplicitVRLittleEndian), [set()]),
    Case(44, "deflate bomb", deflate_bomb, [{"W_UNREADABLE_NEIGHBOUR", "W_PARTIAL_COVERAGE"}], ["E_INFLATE_LIMIT"], 11),
    Case(45, "JPEG-LS", compressed(JPEGLSLossless, "pyjpegls"), [set()]),
    Case(45, "JPEG 2000", compressed(JPEG2000Lossless, "pylibjpeg"), [set()]),
    Case(45, "RLE", compressed(RLELossless, "pydicom"), [set()]),
    Case(45, "JPEG lossless", jpeg_lossless, [set()]),
    Case(46, "lossy", setting(LossyImageCompression="01"), [{"W_LOSSY"}]),
    Case(47, "private transfer syntax", private_syntax, refused=["E_TRANSFER_SYNTAX"]),
    Case(48, "65535 rows", setting(Rows=65535, Columns=65535), refused=["E_PIXEL_LENGTH"]),
    Case(48, "rows too many", setting(Rows=33), refused=["E_PIXEL_LENGTH"]),
    Case(49, "JPEG-LS of other size", other_codestream(JPEGLSLossless, "pyjpegls"), **MISMATCH),
    Case(49, "JPEG 2000 of other size", other_codestream(JPEG2000Lossless, "pylibjpeg"), **MISMATCH),
    Case(49, "RLE of other size", other_codestream(RLELossless, "pydicom"), **MISMATCH),
    Case(50, "thickness is not the step", setting(SliceThickness=5, SpacingBetweenSlices=4), [set()]),
    Case(51, "quadruped", setting(AnatomicalOrientationType="QUADRUPED"), refused=["E_NOT_HUMAN"]),
    Case(52, "burned in text", setting(BurnedInAnnotation="YES"), [{"W_BURNED_IN"}]),
    Case(52, "derived", setting(ImageType=["DERIVED", "PRIMARY", "MPR"]), [{"W_DERIVED"}]),
    Case(52, "screen save", setting(ImageType=["DERIVED", "SECONDARY", "SCREEN SAVE"]), skipped={"I_NON_IMAGE": 12}),
    Case(0, "MR", setting(Modality="MR"), refused=["E_NOT_CT"]),
    Case(0, "colour", setting(PhotometricInterpretation="RGB"), refused=["E_PIXEL_FORMAT"]),
    Case(0, "no series uid", setting(SeriesInstanceUID=""), refused=["E_NO_UID"]),
    Case(0, "only localizers", setting(ImageType=["ORIGINAL", "PRIMARY", "LOCALIZER"]), refused=["I_LOCALIZER"]),
    Case(0, "other rescale type", setting(RescaleType="US"), [{"W_RESCALE_TYPE"}]),
    Case(0, "constant", plain(lambda k, ds: store(ds, stored(ds) * 0)), refused=["E_CONSTANT"]),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_every_voxel_is_right_or_the_series_is_refused(case, tmp_path, affine, ingest, assert_linear):
    case.make(tmp_path / "scans", affine)
    outcome = ingest(tmp_path / "scans")
    assert [code for code, _ in outcome.refused] == case.refused
    assert [set(volume.codes) for volume in outcome.volumes] == case.volumes
    assert outcome.skipped == case.skipped
    for volume in outcome.volumes:
        assert volume.hu.shape == (case.slices, *SHAPE[1:])
        assert volume.plan.shape_ijk == volume.hu.shape[::-1]
        assert volume.hu.flags.c_contiguous
        assert np.linalg.det(volume.affine_lps[:3, :3]) > 0
        assert_linear(volume, case.tolerance_hu)


def test_padding_is_clipped_and_said(tmp_path, affine, ingest):
    padding(tmp_path, affine)
    (volume,) = ingest(tmp_path).volumes
    truth = linear_phantom(SHAPE, affine)
    truth[:, 0, 0] = -1024
    assert volume.codes == ("W_PADDING_CLIPPED",)
    np.testing.assert_array_equal(volume.hu, truth)


def test_position_with_no_number_is_refused(tmp_path, affine, ingest):
    path = write(tmp_path, affine)[4]
    data = path.read_bytes()
    path.write_bytes(data.replace(b"-60\\-50\\", b"nan\\-50\\", 1))
    assert [code for code, _ in ingest(tmp_path).refused] == ["E_BAD_POSITION"]


def test_tilt_is_kept_as_shear(tmp_path, affine, ingest):
    write(tmp_path, tilted(15)(affine))
    (volume,) = ingest(tmp_path).volumes
    np.testing.assert_allclose(volume.affine_lps, tilted(15)(affine), atol=1e-6)
