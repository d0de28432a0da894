import numpy as np
import pytest

from resmtnet.pipelines.training.decoy import to_decoy
from resmtnet.pipelines.training.lidc_nodules import read_lidc_nodules, to_nodule
from resmtnet.pipelines.training.slab import embed, to_slab

BALL_MM3 = 4 / 3 * np.pi * 5**3


def test_subsets_choose_patients(lidc_folder):
    assert [r.patient_id for r in read_lidc_nodules(lidc_folder, [0])] == ["P0", "P2"]
    assert len(list(read_lidc_nodules(lidc_folder, None))) == 4


def test_votes_are_the_share_of_the_readers_who_outlined_anything(lidc_folder):
    record = next(read_lidc_nodules(lidc_folder, None))
    assert record.votes[2, 48, 48] == 1.0
    assert record.votes[2, 48, 50] == pytest.approx(2 / 3)
    assert record.votes[2, 0, 0] == 0.0


def test_a_nodule_keeps_its_volume_at_one_mm_and_its_ratings(lidc_folder):
    nodule = to_nodule(next(read_lidc_nodules(lidc_folder, [1])))
    # the stored voxels of the ball are 2 mm thick; they hold 1.28 mm3 each
    assert (nodule.votes >= 0.5).sum() == pytest.approx(BALL_MM3, rel=0.1)
    assert nodule.hu[nodule.votes > 0.6].mean() == pytest.approx(30, abs=60)
    assert nodule.scores.tolist() == [0, 0, 0, 0, 1]
    assert nodule.attributes.tolist() == pytest.approx([0.5, 0.4, 0.5, 0.5, 0.5, 0.5, 0.5])


def test_what_is_pasted_covers_the_nodule_and_ends_within_3_mm(lidc_folder):
    nodule = to_nodule(next(read_lidc_nodules(lidc_folder, None)))
    assert nodule.opacity[nodule.votes >= 0.5].min() == 1.0
    assert nodule.opacity[:, 0].max() == 0.0
    assert nodule.opacity[[0, -1]].max() == 0.0


def test_a_decoy_holds_nothing_of_the_nodule(lidc_folder):
    for record in read_lidc_nodules(lidc_folder, None):
        decoy = to_decoy(record, np.random.default_rng(3))
        assert decoy is not None
        assert decoy.hu.max() < -700
        assert decoy.votes.max() == 0


def test_a_slab_is_continued_without_its_nodule(lidc_folder):
    slab = to_slab(next(read_lidc_nodules(lidc_folder, None)))
    hu, mask = embed(slab, 64, (27, -6, -6))
    assert hu.shape == mask.shape == (64, 64, 64)
    assert mask.sum() == pytest.approx(BALL_MM3, rel=0.1)
    assert hu[mask].mean() > -200
    assert hu[:27].max() < -700
    assert hu[37:].max() < -700
    assert not mask[:27].any()
    assert not mask[37:].any()
