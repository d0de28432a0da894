from __future__ import annotations

import gzip
import tracemalloc
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from resmtnet.pipelines.datasets.dicom_objects import dicom_objects, read_object
from resmtnet.pipelines.datasets.labelled_volume import ellipsoid, majority
from resmtnet.pipelines.datasets.nodule_mask import NoduleMask
from resmtnet.pipelines.datasets.read_label_file import read_label_file
from resmtnet.pipelines.datasets.readers_mask import readers_mask
from resmtnet.pipelines.datasets.split_components import split_components
from resmtnet.pipelines.ingest.ingest_error import IngestError
from resmtnet.transforms.grid import Grid

GRID = Grid((4, 5, 6), np.diag([1.0, 1.0, 2.0, 1.0]))
RAS = np.diag([-1.0, -1.0, 2.0, 1.0])


def save(path: Path, labels: np.ndarray, affine: np.ndarray = RAS) -> Path:
    nib.save(nib.Nifti1Image(labels.transpose(2, 1, 0), affine), path)
    return path


@pytest.mark.parametrize("ending", [".nii", ".nii.gz"])
def test_a_header_that_asks_for_100_gb_is_refused_before_anything_is_allocated(ending, tmp_path):
    header = nib.Nifti1Header()
    header.set_data_shape((32000, 32000, 100))
    header.set_data_dtype(np.uint8)
    header["vox_offset"], header["magic"] = 352, b"n+1"
    data = header.binaryblock + bytes(1000)
    path = tmp_path / f"mask{ending}"
    path.write_bytes(gzip.compress(data) if ending == ".nii.gz" else data)
    with pytest.raises(IngestError) as caught:
        read_label_file(path, GRID)
    assert caught.value.code == "E_LABEL_UNREADABLE"
    assert "102400000000 voxels, expected at most 960" in caught.value.reason


def test_labels_outside_of_the_image_are_never_cut_off_in_silence(tmp_path):
    whole = np.zeros((4, 5, 8), np.uint8)
    whole[1, 2, 3] = 1
    values, start = read_label_file(save(tmp_path / "larger.nii", whole), GRID)
    assert (values.shape, start, values.sum()) == ((4, 5, 6), (0, 0, 0), 1)
    whole[1, 2, 7] = 1
    with pytest.raises(IngestError, match=r"E_LABEL_GRID.*1 of its voxels"):
        read_label_file(save(tmp_path / "outside.nii", whole), GRID)


def test_an_affine_that_is_none_is_refused(tmp_path):
    path = save(tmp_path / "nan.nii", np.zeros(GRID.shape_kji, np.uint8))
    image = nib.load(path)
    image.header["srow_x"] = np.nan
    data = bytearray(path.read_bytes())
    data[:348] = image.header.binaryblock
    path.write_bytes(data)
    with pytest.raises(IngestError, match="E_LABEL_"):
        read_label_file(path, GRID)


def test_noise_is_no_thousand_nodules():
    voxels = np.zeros((40, 40, 40), bool)
    voxels[::2, ::2, ::2] = True
    voxels[20:] = False
    voxels[::4] = False
    assert len(split_components(voxels[:4], (0, 0, 0))) == 400
    with pytest.raises(IngestError, match=r"E_LABEL_VALUE.*2000 parts"):
        split_components(voxels, (0, 0, 0))


def test_a_large_place_takes_little_memory_and_is_the_ellipsoid():
    turn = np.array([[0.8, -0.6, 0, 3], [0.6, 0.8, 0, -4], [0, 0, 2, 5], [0, 0, 0, 1.0]])
    grid, centre, edges = Grid((40, 60, 70), turn), (5.0, 30.0, 40.0), (30.0, 50.0, 2000.0)
    tracemalloc.start()
    mask = ellipsoid(grid, centre, edges)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20 * mask.bits.size  # bytes; coordinates of all voxels alone would take 24
    k, j, i = np.indices(grid.shape_kji)
    lps = np.stack([i, j, k], -1) @ turn[:3, :3].T + turn[:3, 3]
    true = ((((lps - centre) / np.divide(edges, 2)) ** 2).sum(-1) <= 1)[
        tuple(slice(a, a + n) for a, n in zip(mask.start_kji, mask.bits.shape, strict=True))
    ]
    np.testing.assert_array_equal(mask.bits > 0, true)


def test_outlines_that_share_no_majority_still_mark_their_nodule():
    bits = np.array([[[1, 2, 4]]], np.uint8)  # three readers, no two of one mind
    assert majority(NoduleMask((0, 0, 0), bits)).all()


def test_outlines_are_laid_together_where_they_stand():
    one = (0, (1, 2, 3), np.ones((1, 1, 2), bool))
    two = (3, (1, 2, 4), np.array([[[True, False, True]]]))
    mask = readers_mask([one, two, one])
    assert mask.start_kji == (1, 2, 3)
    assert mask.bits.tolist() == [[[1, 9, 0, 8]]]


def dicom(path: Path, syntax: str, uid: str = "") -> None:
    import pydicom
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import SegmentationStorage

    ds = Dataset()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = syntax
    ds.file_meta.MediaStorageSOPClassUID = ds.SOPClassUID = SegmentationStorage
    ds.file_meta.MediaStorageSOPInstanceUID = "1.2.3"
    ds.SOPInstanceUID = uid
    pydicom.dcmwrite(path, ds, enforce_file_format=True)


def test_a_deflated_object_is_named_and_never_inflated(tmp_path):
    from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRLittleEndian, SegmentationStorage

    dicom(tmp_path / "a.dcm", DeflatedExplicitVRLittleEndian)
    for name in ("b.dcm", "c.dcm"):  # without a UID, two objects are not one
        dicom(tmp_path / name, ExplicitVRLittleEndian)
    dicom(tmp_path / "d.dcm", ExplicitVRLittleEndian, "1.2.3")
    dicom(tmp_path / "e.dcm", ExplicitVRLittleEndian, "1.2.3")
    (tmp_path / "f.dcm").write_bytes(b"no DICOM")
    found = list(dicom_objects(tmp_path, tmp_path / "none", (SegmentationStorage,), progress=False))
    assert [path.name for path in found] == ["a.dcm", "b.dcm", "c.dcm", "d.dcm"]
    with pytest.raises(IngestError, match=r"E_LABEL_UNREADABLE.*deflated"):
        read_object(found[0])
    assert read_object(found[3]).SOPInstanceUID == "1.2.3"
