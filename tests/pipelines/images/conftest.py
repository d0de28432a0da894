"""DICOM pictures, made by pydicom."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

US, US_MULTI, CT = "1.2.840.10008.5.1.4.1.1.6.1", "1.2.840.10008.5.1.4.1.1.3.1", "1.2.840.10008.5.1.4.1.1.2"


@pytest.fixture
def write_us() -> Callable[..., Path]:
    """``write_us(path, values, photometric, **elements)`` writes frames ``(n, rows, columns[, 3])`` or one of them."""

    def write(path: Path, values: np.ndarray, photometric: str = "MONOCHROME2", **elements: Any) -> Path:
        samples = 3 if values.shape[-1] == 3 else 1
        frames = values if values.ndim == (4 if samples == 3 else 3) else values[None]
        dataset = Dataset()
        dataset.SOPClassUID = elements.pop("SOPClassUID", US_MULTI if len(frames) > 1 else US)
        dataset.SOPInstanceUID = generate_uid()
        dataset.Modality = elements.pop("Modality", "US")
        dataset.PatientName = "Secret^Name"
        dataset.Rows, dataset.Columns = frames.shape[1:3]
        dataset.SamplesPerPixel = samples
        if samples == 3:
            dataset.PlanarConfiguration = 0
        dataset.PhotometricInterpretation = photometric
        bits = frames.dtype.itemsize * 8
        dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = bits, bits, bits - 1
        dataset.PixelRepresentation = int(frames.dtype.kind == "i")
        if len(frames) > 1:
            dataset.NumberOfFrames = len(frames)
        dataset.PixelData = frames.tobytes() + b"\0" * (frames.nbytes % 2)
        for name, value in elements.items():
            setattr(dataset, name, value)
        dataset.file_meta = FileMetaDataset()
        dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
        dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
        path.parent.mkdir(parents=True, exist_ok=True)
        dataset.save_as(path, enforce_file_format=True)
        return path

    return write
