from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest
import SimpleITK

from resmtnet.pipelines.convert.convert_scans import convert_scans

LOWEST_HU = -1024


@pytest.mark.data
def test_a_lidc_scan_equals_what_itk_reads_of_it(tmp_path, shared_data: Path):
    """Voxels exact after the clip at -1024 HU; the place to 0.001 mm (float32 header)."""
    source = shared_data / "lidc_dicom" / "LIDC-IDRI-0001"
    (record,) = convert_scans(source, tmp_path / "out").records
    written = SimpleITK.ReadImage(str(tmp_path / "out" / record["nifti"]["file"]))
    reader = SimpleITK.ImageSeriesReader()
    reader.SetFileNames(reader.GetGDCMSeriesFileNames(str(source)))
    known = reader.Execute()
    assert np.array_equal(
        SimpleITK.GetArrayFromImage(written), np.maximum(SimpleITK.GetArrayFromImage(known), LOWEST_HU)
    )
    for index in ((0, 0, 0), tuple(n - 1 for n in known.GetSize())):
        places = [image.TransformIndexToPhysicalPoint(index) for image in (written, known)]
        assert places[0] == pytest.approx(places[1], abs=1e-3)


@pytest.mark.data
def test_odd_scans_give_the_same_from_a_zip_archive(tmp_path, shared_data: Path):
    """Tilted, enhanced, compressed, incomplete and foreign series, each judged alike from either form."""
    source = shared_data / "odd_dicom"
    with zipfile.ZipFile(tmp_path / "odd.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for path in sorted(source.rglob("*")):
            archive.write(path, path.relative_to(source).as_posix())
    records = [convert_scans(root, tmp_path / f"{n}").records for n, root in enumerate((source, tmp_path / "odd.zip"))]
    dicom = [record for record in records[0] if record.get("kind", "dicom") == "dicom"]  # no volume files in archives
    assert dicom == records[1]
    assert {record["status"] for record in dicom} == {"ok", "warned", "rejected"}
