from __future__ import annotations

import gzip
import itertools
import json
import zipfile

import nibabel
import numpy as np
import pytest
import SimpleITK

from resmtnet.pipelines.convert.convert_scans import convert_scans
from resmtnet.pipelines.ingest.ingest_records import ingest_records
from resmtnet.pipelines.ingest.plan_scans import plan_scans
from resmtnet.pipelines.ingest.read_volume import read_volume
from resmtnet.pipelines.phantom.linear import HU_AT_ORIGIN, HU_PER_MM

ROUNDING_HU = 0.51  # half an HU, and what float32 leaves of the affine
LIES = ["axial", "sagittal", "oblique", "tilted", "tilted and turned"]


def expected_hu(lps: np.ndarray) -> np.ndarray:
    return lps @ np.asarray(HU_PER_MM) + HU_AT_ORIGIN


def record_shape(record: dict) -> tuple[int, ...]:
    return tuple(record["nifti"]["shape_ijk"][::-1])


def assert_stands_right(values_ijk: np.ndarray, affine_ras: np.ndarray) -> None:
    ijk = np.stack(np.indices(values_ijk.shape), axis=-1)
    lps = nibabel.affines.apply_affine(affine_ras, ijk) * (-1, -1, 1)
    assert np.abs(values_ijk - expected_hu(lps)).max() <= ROUNDING_HU


@pytest.mark.parametrize("halves", [False, True])
@pytest.mark.parametrize("lie", LIES)
def test_nibabel_finds_every_voxel_at_its_place(tmp_path, write_lie, lie, halves):
    (record,) = convert_scans(write_lie(tmp_path / "in", lie, halves=halves), tmp_path / "out").records
    image = nibabel.load(tmp_path / "out" / record["nifti"]["file"])
    assert image.get_data_dtype() == (np.float32 if halves else np.int16)
    assert_stands_right(np.asarray(image.dataobj), image.affine)
    assert image.affine == pytest.approx(np.array(record["nifti"]["affine_ras"]), abs=1e-5)
    sheared = lie.startswith("tilted")
    assert (int(image.header["sform_code"]), int(image.header["qform_code"])) == (1, 0 if sheared else 1)
    assert record["nifti"]["qform_code"] == (0 if sheared else 1)
    if not sheared:
        assert image.get_qform() == pytest.approx(image.get_sform(), abs=1e-4)


@pytest.mark.parametrize(
    ("lie", "orthogonal"), [("axial", False), ("sagittal", False), ("oblique", False), ("axial", True)]
)
def test_itk_finds_every_voxel_at_its_place(tmp_path, write_lie, lie, orthogonal):
    (record,) = convert_scans(write_lie(tmp_path / "in", lie), tmp_path / "out", orthogonal=orthogonal).records
    image = SimpleITK.ReadImage(str(tmp_path / "out" / record["nifti"]["file"]))
    values = SimpleITK.GetArrayFromImage(image)
    assert values.shape == record_shape(record)
    for k, j, i in itertools.product(*(sorted({*range(0, n, 5), n - 1}) for n in values.shape)):  # 5 is no divisor
        lps = np.array(image.TransformIndexToPhysicalPoint((i, j, k)))
        assert values[k, j, i] == pytest.approx(expected_hu(lps), abs=ROUNDING_HU)


def test_itk_takes_a_sheared_grid_only_after_resampling(tmp_path, write_lie):
    source = write_lie(tmp_path / "in", "tilted and turned")
    (record,) = convert_scans(source, tmp_path / "out").records
    with pytest.raises(RuntimeError, match="orthonormal"):
        SimpleITK.ReadImage(str(tmp_path / "out" / record["nifti"]["file"]))
    (record,) = convert_scans(source, tmp_path / "out", orthogonal=True).records
    image = SimpleITK.ReadImage(str(tmp_path / "out" / record["nifti"]["file"]))
    assert list(image.GetSize()) == record["nifti"]["shape_ijk"]
    corner = image.TransformIndexToPhysicalPoint((0, 0, 0))
    assert corner == pytest.approx(np.array(record["nifti"]["affine_lps"])[:3, 3], abs=1e-4)


def test_what_is_written_is_what_inference_reads(tmp_path, write_lie):
    source = write_lie(tmp_path / "in", "tilted")
    (record,) = convert_scans(source, tmp_path / "out").records
    (plan,) = plan_scans(source).plans
    volume = read_volume(plan)
    written = np.asarray(nibabel.load(tmp_path / "out" / f"{plan.case_id}.nii.gz").dataobj).T
    assert np.array_equal(written, volume.hu)
    assert record["nifti"]["digest"] == volume.digest
    (again,) = ingest_records(tmp_path / "out" / f"{plan.case_id}.nii.gz")
    assert again["digest"] == volume.digest  # the file is read back as the same volume


def test_the_record_is_that_of_ingest(tmp_path, write_lie):
    for seed, lie in enumerate(LIES):
        write_lie(tmp_path / "in" / lie, lie, seed)
    write_lie(tmp_path / "in" / "gap", seed=9)
    sorted((tmp_path / "in" / "gap").iterdir())[3].unlink()
    write_lie(tmp_path / "in" / "short", seed=10)
    for path in sorted((tmp_path / "in" / "short").iterdir())[:9]:
        path.unlink()
    records = convert_scans(tmp_path / "in", tmp_path / "out").records
    assert len(records) == len(LIES) + 2
    for record, known in zip(records, ingest_records(tmp_path / "in"), strict=True):
        assert record.items() >= known.items()
        assert json.loads((tmp_path / "out" / f"{record['case_id']}.json").read_bytes()) == record
        is_read = record["status"] in ("ok", "warned")
        assert (tmp_path / "out" / f"{record['case_id']}.nii.gz").exists() == is_read == ("nifti" in record)
        assert (record["frame"], record.get("nifti", {}).get("frame", "RAS")) == ("LPS", "RAS")


def test_the_file_holds_no_text_and_no_time(tmp_path, write_lie):
    (record,) = convert_scans(write_lie(tmp_path / "in"), tmp_path / "out").records
    packed = (tmp_path / "out" / record["nifti"]["file"]).read_bytes()
    flags, time = packed[3], packed[4:8]
    assert (flags, time) == (0, bytes(4))  # RFC 1952: no name, no comment, no time
    header = nibabel.Nifti1Header(gzip.decompress(packed)[:348])
    texts = ("descrip", "aux_file", "intent_name", "db_name", "data_type")
    assert [bytes(header[name].tobytes()).strip(b"\0") for name in texts] == [b""] * 5
    assert int(header["intent_code"]) == 0
    assert header.get_xyzt_units()[0] == "mm"


def test_zipped_scans_and_volume_files_are_converted_too(tmp_path, write_lie):
    source = write_lie(tmp_path / "in")
    (known,) = convert_scans(source, tmp_path / "one").records
    with zipfile.ZipFile(tmp_path / "in.zip", "w") as archive:
        for path in source.iterdir():
            archive.write(path, path.name)
    (zipped,) = convert_scans(tmp_path / "in.zip", tmp_path / "two").records
    (again,) = convert_scans(tmp_path / "one" / known["nifti"]["file"], tmp_path / "three").records
    names = [
        f"{folder}/{record['nifti']['file']}" for folder, record in (("one", known), ("two", zipped), ("three", again))
    ]
    assert len({(tmp_path / name).read_bytes() for name in names}) == 1
