import dataclasses
import shutil

import numpy as np
import pytest

from resmtnet.pipelines.ingest.input_path_error import InputPathError
from resmtnet.pipelines.training.cut_nodule import to_nodule
from resmtnet.pipelines.training.decoy import to_decoy
from resmtnet.pipelines.training.lidc_nodules import LidcRecord, read_lidc_nodules
from resmtnet.pipelines.training.slab import embed, to_slab

BALL_MM3 = 4 / 3 * np.pi * 5**3
# a ball of 10 mm on voxels of 1 mm; what interpolated votes would lose at 0.6 mm is 14 %
VOLUME_TOLERANCE, FINE_VOLUME_TOLERANCE = 0.1, 0.05


def stored_mm3(record: LidcRecord) -> float:
    """Volume of what two of the three readers outlined."""
    return float(((record.readers & 3) > 0).sum() * np.prod(record.spacing_mm))


@pytest.fixture
def record(lidc_folder) -> LidcRecord:
    return next(read_lidc_nodules(lidc_folder, [1]))


def relabelled(record: LidcRecord, **row: str) -> LidcRecord:
    return dataclasses.replace(record, row={**record.row, **row})


def test_subsets_choose_patients(lidc_folder):
    assert [r.patient_id for r in read_lidc_nodules(lidc_folder, [0])] == ["P0", "P2"]
    assert len(list(read_lidc_nodules(lidc_folder, None))) == 4


def test_votes_are_the_share_of_the_readers_who_outlined_anything(record):
    assert record.votes[2, 48, 48] == 1.0
    assert record.votes[2, 48, 50] == pytest.approx(2 / 3)
    assert record.votes[2, 0, 0] == 0.0
    assert np.array_equal(record.majority, (record.readers & 3) > 0)


def test_where_no_voxel_has_half_of_the_readers_any_of_them_counts(record):
    readers = np.zeros_like(record.readers)
    for reader in range(3):
        readers[2, 40 + 4 * reader : 43 + 4 * reader, 46:50] = 1 << reader
    apart = dataclasses.replace(record, readers=readers)
    assert np.array_equal(apart.majority, readers > 0)
    assert (to_nodule(apart).votes >= 0.5).any()
    assert (to_slab(apart).votes >= 0.5).any()


def test_an_outlined_nodule_lies_at_the_middle_of_its_box(record):
    centre, edges = record.place
    assert centre.tolist() == [2, 48, 48]
    # 5 mm radius: 6 voxels of 0.8 mm and 2 slices of 2 mm to each side
    assert edges.tolist() == [5, 13, 13]


@pytest.mark.parametrize(
    ("columns", "lps"),
    [((-0.8, -0.8, 2.0), (-84.0, -26.0, -6.0)), ((0.8, -0.8, -2.0), (-116.0, -26.0, -54.0))],
    ids=["towards left, back, head", "towards right, back, feet"],
)
def test_what_nobody_outlined_lies_at_its_point(record, columns, lps):
    # voxel (i, j, k) = (20, 30, 12), RAS origin (100, 50, -30): R = 100 -+ 16, A = 50 - 24, S = -30 +- 24;
    # L = -R, P = -A
    affine_ras = np.diag([*columns, 1.0])
    affine_ras[:3, 3] = (100, 50, -30)
    row = {name: str(v) for name, v in zip(("coordX", "coordY", "coordZ"), lps, strict=True)}
    bare = dataclasses.replace(record, readers=0 * record.readers, affine_ras=affine_ras, row=row)
    assert not bare.outlined
    centre, edges = bare.place
    np.testing.assert_allclose(centre, [12, 30, 20], atol=1e-9)
    assert edges is None
    boxed = relabelled(bare, box_x_mm="8", box_y_mm="12", box_z_mm="10")
    np.testing.assert_allclose(boxed.place[1], [5, 15, 10])


def test_only_what_is_said_to_be_learnt_is(record):
    box = {"box_x_mm": "8", "box_y_mm": "8", "box_z_mm": "8"}
    all_of_it = relabelled(record, labels="outline box rating", **box)
    assert all_of_it.outlined
    assert all_of_it.scores is not None
    assert all_of_it.attributes is not None
    boxed = relabelled(record, labels="box", **box)
    assert not boxed.outlined
    assert boxed.scores is boxed.attributes is None
    np.testing.assert_allclose(boxed.place[1], [4, 10, 10])
    assert relabelled(record, labels="rating", **box).place[1] is None
    assert to_slab(relabelled(record, labels="rating")).votes is None


def test_a_nodule_keeps_its_volume_at_one_mm_and_its_ratings(record):
    nodule = to_nodule(record)
    assert (nodule.votes >= 0.5).sum() == pytest.approx(stored_mm3(record), rel=VOLUME_TOLERANCE)
    assert stored_mm3(record) == pytest.approx(BALL_MM3, rel=0.1)
    assert nodule.hu[nodule.votes > 0.6].mean() == pytest.approx(30, abs=60)
    assert record.scores.tolist() == [0, 0, 0, 0, 1]
    assert record.attributes.tolist() == pytest.approx([0.5, 0.4, 0.5, 0.5, 0.5, 0.5, 0.5])


def test_a_nodule_on_finer_voxels_has_the_same_size_in_mm(record):
    nodule = to_nodule(record, 0.6)
    assert (nodule.votes >= 0.5).sum() * 0.6**3 == pytest.approx(stored_mm3(record), rel=FINE_VOLUME_TOLERANCE)
    # opaque over the ball and 1 mm around it, gone 3 mm from it: in the middle slice, along a line through it
    line = nodule.opacity[nodule.hu.shape[0] // 2, nodule.hu.shape[1] // 2]
    assert (line == 1).sum() * 0.6 == pytest.approx(2 * (5 + 1), abs=1.2)
    assert (line > 0).sum() * 0.6 == pytest.approx(2 * (5 + 3), abs=1.2)


def test_what_is_pasted_covers_the_nodule_and_ends_within_3_mm(record):
    nodule = to_nodule(record)
    assert nodule.opacity[nodule.votes >= 0.5].min() == 1.0
    assert nodule.opacity[:, 0].max() == 0.0
    assert nodule.opacity[[0, -1]].max() == 0.0


def test_a_decoy_holds_nothing_of_the_nodule(lidc_folder):
    for record in read_lidc_nodules(lidc_folder, None):
        decoy = to_decoy(record, np.random.default_rng(3))
        assert decoy is not None
        assert decoy.hu.max() < -700
        assert decoy.votes.max() == 0


def test_a_slab_is_continued_without_its_nodule(record):
    slab = to_slab(record)
    hu, lesion = embed(slab, 64, (27, -6, -6))
    assert hu.shape == lesion.mask.shape == (64, 64, 64)
    assert lesion.mask.sum() == pytest.approx(stored_mm3(record), rel=VOLUME_TOLERANCE)
    assert hu[lesion.mask].mean() > -200
    assert hu[:27].max() < -700
    assert hu[37:].max() < -700
    assert not lesion.mask[:27].any()
    assert not lesion.mask[37:].any()


def test_a_slab_knows_the_box_of_its_nodule(record):
    hu, lesion = embed(to_slab(record), 64, (27, -6, -6))
    assert hu[tuple(round(v) for v in lesion.centre_kji)] > -50
    middle = np.argwhere(lesion.mask).mean(axis=0)
    np.testing.assert_allclose(lesion.centre_kji, middle, atol=0.5)
    np.testing.assert_allclose(lesion.edges, [10, 10.4, 10.4])
    bare = dataclasses.replace(record, readers=0 * record.readers)
    seen, point = embed(to_slab(bare), 64, (27, -6, -6))
    assert np.array_equal(seen, hu)  # no outline is needed to make the image
    assert point.mask is point.edges is None
    np.testing.assert_allclose(point.centre_kji, lesion.centre_kji)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("manifest.json", "{", "manifest.json is no JSON"),
        ("nodules.csv", "a,b\n1,2\n", "nodules.csv has no column key, patient_id, file, luna16_subset"),
        ("ratings.csv", "", "ratings.csv has no column key, malignancy"),
        ("manifest.json", "{}", "nodule 1: .* its entry in manifest.json is missing"),
        ("patches/P0_1.npz", "half", "nodule 1: its patch"),
    ],
)
def test_a_faulty_folder_is_told_without_naming_anybody(lidc_folder, tmp_path, name, content, words):
    folder = tmp_path / "lidc_nodules"
    shutil.copytree(lidc_folder, folder)
    (folder / name).write_text(content)
    with pytest.raises(InputPathError, match=words) as told:
        list(read_lidc_nodules(folder, None))
    assert "P0" not in str(told.value)
