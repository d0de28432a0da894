"""Tools that make an odd series out of the linear phantom, and the check that every row of the catalogue goes through.

A file of rows holds ``ROWS``: name to (what is done to a series, what comes of it, particulars). What comes of it is
one text or a list of them: "" is a volume without warnings, "W_A W_B" one with these two, "E_A" a refusal.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset

from resmtnet.pipelines.phantom.dicom_series import write_ct_series
from resmtnet.pipelines.phantom.linear import linear_phantom

SHAPE = (12, 32, 40)
Edit = Callable[[int, Dataset], None]


class Series:
    """A folder to write odd series of the linear phantom into."""

    def __init__(self, folder: Path, affine: np.ndarray) -> None:
        self.folder, self.affine, self.shape = folder, affine, SHAPE

    def write(self, edit: Edit | None = None, *, seed=0, shape=SHAPE, affine=None, folder="") -> tuple[Path, ...]:
        affine = self.affine if affine is None else affine
        return write_ct_series(self.folder / folder, linear_phantom(shape, affine), affine, seed=seed, edit=edit)

    def set(self, only: int | None = None, **values: object) -> tuple[Path, ...]:
        def edit(k: int, ds: Dataset) -> None:
            if only is None or k == only:
                for name, value in values.items():
                    setattr(ds, name, value)

        return self.write(edit)

    def drop(self, *names: str, only: int | None = None) -> tuple[Path, ...]:
        def edit(k: int, ds: Dataset) -> None:
            if only is None or k == only:
                for name in names:
                    delattr(ds, name)

        return self.write(edit)

    def each(self, name: str, value: Callable[[int], object]) -> tuple[Path, ...]:
        return self.write(lambda k, ds: setattr(ds, name, value(k)))

    def move(self, to_mm: Callable[[int, float], float]) -> tuple[Path, ...]:
        """Put every slice to another z, and fill it with what belongs there."""

        def edit(k: int, ds: Dataset) -> None:
            x, y, z = (float(v) for v in ds.ImagePositionPatient)
            ds.ImagePositionPatient = [x, y, to_mm(k, z)]
            self.store(ds, self.stored(ds) + round(7 * (to_mm(k, z) - z)))

        return self.write(edit)

    def replace(self, path: Path, old: bytes, new: bytes) -> None:
        """Change bytes that pydicom would not write."""
        data = path.read_bytes()
        assert data.count(old) >= 1
        path.write_bytes(data.replace(old, new, 1))

    def resave(self, path: Path, edit: Callable[[Dataset], None], target: Path | None = None) -> None:
        ds = pydicom.dcmread(path)
        edit(ds)
        ds.save_as(target or path, enforce_file_format=True)

    def new_uid(self, ds: Dataset, tail: str) -> None:
        ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID[:-2] + tail

    def stored(self, ds: Dataset) -> np.ndarray:
        return np.frombuffer(ds.PixelData, "<i2").reshape(ds.Rows, ds.Columns).astype(np.int32)

    def store(self, ds: Dataset, values: np.ndarray, kind: str = "<i2") -> None:
        ds.PixelData = values.astype(kind).tobytes()

    def recode(self, ds: Dataset, *, bits: int = 16, signed: bool = True) -> None:
        """Store the same HU in so many bits, with or without sign; 12 bits hold -1024 to 1023 HU with sign."""
        hu = self.stored(ds) - 1024
        ds.BitsStored, ds.HighBit, ds.PixelRepresentation = bits, bits - 1, int(signed)
        ds.RescaleIntercept = 0 if signed else -1024
        self.store(ds, (hu if signed else hu + 1024) & (2**bits - 1), "<u2")
        if signed:  # as scanners do it: the sign goes on to the top
            self.store(ds, hu)

    def size(self) -> int:
        return self.shape[0]


@pytest.fixture
def series(tmp_path, affine) -> Series:
    return Series(tmp_path / "scans", affine)


@pytest.fixture
def check_row(series, ingest, assert_linear):
    """Every voxel of what is accepted is right in place and value, and all else is refused by its code."""

    def check(make, expected, slices=SHAPE[0], skipped=None, tolerance_hu=0.51) -> None:
        make(series)
        outcome = ingest(series.folder)
        found = [" ".join(sorted(volume.codes)) for volume in outcome.volumes]
        found += [code for code, _ in outcome.refused]
        expected = [expected] if isinstance(expected, str) else expected
        assert sorted(found) == sorted(" ".join(sorted(codes.split())) for codes in expected)
        assert outcome.skipped == (skipped or {})
        for volume in outcome.volumes:
            assert volume.hu.shape == (slices, *SHAPE[1:])
            assert volume.plan.shape_ijk == volume.hu.shape[::-1]
            assert volume.hu.flags.c_contiguous
            assert np.linalg.det(volume.affine_lps[:3, :3]) > 0
            assert_linear(volume, tolerance_hu)

    return check
