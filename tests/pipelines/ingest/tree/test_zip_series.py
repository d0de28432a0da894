"""A zipped tree gives what the unpacked tree gives."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest
from pydicom.uid import DeflatedExplicitVRLittleEndian

from resmtnet.pipelines.ingest.plan_scans import plan_scans
from resmtnet.pipelines.phantom.dicom_series import write_ct_series
from resmtnet.pipelines.phantom.linear import linear_phantom

SHAPE = (6, 20, 24)


@pytest.fixture
def tree(tmp_path, affine) -> Path:
    """Three patients, one of them with a missing slice, one copy of a slice, a tilted one; and what is no scan."""
    tilted = affine.copy()
    tilted[1, 2] = 0.5
    root = tmp_path / "export"
    write_ct_series(root / "P1" / "CT" / "S1", linear_phantom(SHAPE, affine), affine, seed=1)
    files = write_ct_series(root / "P2" / "S1", linear_phantom(SHAPE, affine), affine, seed=2)
    files[3].unlink()
    (root / "P2" / "S1" / "readme.txt").write_text("nothing")
    files = write_ct_series(root / "P3", linear_phantom(SHAPE, tilted), tilted, seed=3)
    (root / "P3" / "copy").write_bytes(files[2].read_bytes())
    (root / "P3" / "Thumbs.db").touch()
    broken = root / "P4" / "broken"
    broken.parent.mkdir()
    broken.write_bytes(files[0].read_bytes().replace(b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.2.9\0"))
    return root


def packed(folder: Path, archive: Path, method: int) -> Path:
    archive.parent.mkdir(exist_ok=True)
    with zipfile.ZipFile(archive, "w", method) as writer:
        for path in sorted(folder.rglob("*"), reverse=True):
            writer.write(path, path.relative_to(folder).as_posix())
    return archive


def said_of(outcome) -> list[tuple[object, ...]]:
    return [(v.plan.case_id, v.codes, v.digest, v.plan.n_files, v.plan.n_used) for v in outcome.volumes]


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_zip_gives_what_its_folder_gives(tmp_path, tree, ingest, assert_linear, method):
    archive = packed(tree, tmp_path / "zipped" / "export.zip", method)
    unpacked, plain = ingest(tree), plan_scans(tree)
    for root in (archive, archive.parent):
        zipped, planned = ingest(root), plan_scans(root)
        assert said_of(zipped) == said_of(unpacked)
        assert (zipped.refused, zipped.skipped) == (unpacked.refused, unpacked.skipped)
        assert [r.case_id for r in planned.rejections] == [r.case_id for r in plain.rejections]
        assert planned.n_files == plain.n_files
        for volume in zipped.volumes:
            assert_linear(volume)
    assert len(unpacked.volumes) == 2
    assert {code for code, _ in unpacked.refused} == {"E_MISSING_SLICES", "E_TRANSFER_SYNTAX"}
    assert unpacked.skipped == {"I_NON_DICOM": 2}
    assert {code for volume in zipped.volumes for code in volume.codes} == {"W_GANTRY_TILT", "W_DUPLICATE_FILE"}


def test_a_root_archive_has_the_paths_of_its_folder(tmp_path, tree):
    archive = packed(tree, tmp_path / "export.zip", zipfile.ZIP_DEFLATED)
    origins = [[plan.origin for plan in plan_scans(root).plans] for root in (tree, archive)]
    assert origins[0] == origins[1]
    inside = [plan.origin.relative_path for plan in plan_scans(tmp_path, exclude=tree).plans]
    assert inside == [f"export.zip/{origin.relative_path}" for origin in origins[0]]


def test_a_deflated_data_set_in_a_deflated_member(tmp_path, ingest, affine, assert_linear):
    def deflate(k, ds):
        ds.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian

    write_ct_series(tmp_path / "s", linear_phantom(SHAPE, affine), affine, edit=deflate)
    archive = packed(tmp_path / "s", tmp_path / "s.zip", zipfile.ZIP_DEFLATED)
    (volume,) = ingest(archive).volumes
    assert_linear(volume)


def test_a_zipped_series_is_told_apart_from_its_copy_beside_it(tmp_path, tree, ingest):
    packed(tree / "P1", tree / "again.zip", zipfile.ZIP_DEFLATED)
    volumes = {v.plan.origin.series_uid: v for v in ingest(tree).volumes}
    assert sum("W_DUPLICATE_FILE" in v.codes and v.plan.n_files == 12 for v in volumes.values()) == 1


def test_an_archive_replaced_between_planning_and_reading_gives_no_slice(tmp_path, affine):
    from resmtnet.pipelines.ingest.ingest_error import IngestError
    from resmtnet.pipelines.ingest.read_volume import read_volume

    hu = linear_phantom(SHAPE, affine)
    write_ct_series(tmp_path / "s", hu, affine, seed=1)
    archive = packed(tmp_path / "s", tmp_path / "s.zip", zipfile.ZIP_STORED)
    (plan,) = plan_scans(archive).plans
    write_ct_series(tmp_path / "s", np.ascontiguousarray(hu[::-1]), affine, seed=1)  # same names, sizes and UIDs
    packed(tmp_path / "s", archive, zipfile.ZIP_STORED)
    with pytest.raises(IngestError, match="E_FILE_CHANGED"):
        read_volume(plan)


# a small slice is read whole with its header, of a large one the pixels are read later
@pytest.mark.parametrize(
    ("shape", "codes"), [(SHAPE, {"E_UNREADABLE", "E_MISSING_SLICES"}), ((5, 140, 130), {"E_UNREADABLE"})]
)
def test_damaged_members_cost_their_series_only(tmp_path, ingest, affine, assert_linear, shape, codes):
    for seed in (1, 2):
        write_ct_series(tmp_path / "s" / f"{seed}", linear_phantom(shape, affine), affine, seed=seed)
    archive = packed(tmp_path / "s", tmp_path / "s.zip", zipfile.ZIP_STORED)
    data = bytearray(archive.read_bytes())
    data[data.index(b"PHANTOM^2") + 1000] ^= 1  # one pixel bit of one slice of the second series
    archive.write_bytes(data)
    outcome = ingest(archive)
    assert [volume.plan.origin.relative_path for volume in outcome.volumes] == ["1"]
    assert_linear(outcome.volumes[0])
    assert {code for code, _ in outcome.refused} == codes
