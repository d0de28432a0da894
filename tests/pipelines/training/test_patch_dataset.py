import numpy as np
import pytest
import torch

from resmtnet.networks.losses import unpack_targets
from resmtnet.networks.losses.targets import Targets
from resmtnet.pipelines.training.background import Background
from resmtnet.pipelines.training.balanced_weights import balanced_weights
from resmtnet.pipelines.training.close_patches import ClosePatches
from resmtnet.pipelines.training.cut_nodule import to_nodule
from resmtnet.pipelines.training.lidc_nodules import read_lidc_nodules
from resmtnet.pipelines.training.patch_dataset import PatchDataset
from resmtnet.pipelines.training.slab import to_slab
from resmtnet.pipelines.training.wide_patches import WidePatches

WINDOWS_HU = [(-1000, 200), (-200, 600)]
NONE = np.empty(0)


def make(folder, *, slabs: bool = True, close: bool = True, unknown: bool = False) -> PatchDataset:
    records = list(read_lidc_nodules(folder, None))
    hu = np.full((80, 80, 80), -850, np.int16)
    everywhere, alike = np.ones(hu.shape, bool), balanced_weights(records)
    chests = [Background(hu, everywhere, None, everywhere if unknown else None, 1.0)]
    whole = [to_slab(r) for r in records] if slabs else []
    wide = WidePatches([to_nodule(r) for r in records], alike, [], whole, alike, chests, np.ones(1), edge=48, seed=3)
    near = ClosePatches(records, alike, chests, np.ones(1), edge=32, spacing_mm=0.6) if close else None
    return PatchDataset(wide, near, length=100, windows_hu=WINDOWS_HU, seed=3)


def targets(data: PatchDataset, number: int) -> Targets:
    return unpack_targets(data[number]["label"][None])


def test_the_same_number_gives_the_same_patch(lidc_folder):
    a, b = make(lidc_folder), make(lidc_folder)
    _ = b[0]  # whatever was drawn before
    for number in (7, 8):
        assert torch.equal(a[number]["image"], b[number]["image"])
        assert torch.equal(a[number]["label"], b[number]["label"])
        assert a[number]["number"] == number
    assert not torch.equal(a[6]["image"], a[8]["image"])


def test_even_numbers_are_wide_and_odd_ones_close(lidc_folder):
    data, alone = make(lidc_folder), make(lidc_folder, close=False)
    for number in range(4):
        edge = 32 if number % 2 else 48
        assert data[number]["image"].shape == (2, edge, edge, edge)
        assert data[number]["label"].shape == (88, edge // 4, edge // 4, edge // 4)
        assert alone[number]["image"].shape == (2, 48, 48, 48)
    assert torch.equal(data[2]["image"], alone[2]["image"])


def test_the_wide_look_learns_presence_box_and_outline_and_no_rating(lidc_folder):
    data = make(lidc_folder)
    seen = [targets(data, number) for number in range(0, 24, 2)]
    assert all(t.rating_weight.max() == 0 for t in seen)
    assert all(t.mask_weight.min() == 1 for t in seen)
    with_nodule = [t for t in seen if (t.maps.heat == 1).any()]
    assert with_nodule
    assert all((t.box_weight > 0).any() for t in with_nodule)
    # a piece of lung made by pasting counts whole; one that ends with its own slices half
    assert {t.heat_weight.unique().tolist()[0] for t in seen} == {0.5, 1.0}


def test_the_close_look_learns_outline_and_rating_only(lidc_folder):
    data = make(lidc_folder)
    for number in range(1, 16, 2):
        close = targets(data, number)
        assert close.heat_weight.max() == close.box_weight.max() == 0
        assert close.mask_weight.min() == 1
        assert (close.maps.mask >= 0.5).any()
        assert (close.rating_weight > 0).any()


def test_a_nodule_too_large_for_the_finest_cube_is_shown_whole(lidc_folder):
    """32 voxels of 0.2 mm are 6.4 mm, and would cut every nodule of the folder."""
    records = list(read_lidc_nodules(lidc_folder, None))
    assert min(np.max(r.place[1] * r.spacing_mm[::-1]) for r in records) > 6.4
    near = ClosePatches(records, balanced_weights(records), [], NONE, edge=32, spacing_mm=0.2)
    rng = np.random.default_rng(0)
    cut = 0
    for _ in range(24):
        _, (lesion,) = near.draw(rng)
        inside = lesion.mask >= 0.5
        assert inside.any()
        cut += any(inside.take([0, -1], axis).any() for axis in range(3))
    assert cut <= 4  # by its shift, where it is stretched and its box was taken for smaller, too


@pytest.mark.parametrize("start", [0, 1], ids=["wide", "close"])
def test_masks_lie_on_bright_voxels_and_every_nodule_has_one_centre(lidc_folder, start):
    data = make(lidc_folder, slabs=False)
    seen = 0
    for number in range(start, 40, 2):
        maps = targets(data, number).maps
        mask = maps.mask[0, 0] >= 0.5
        assert bool((maps.heat == 1).any()) == bool(mask.any())
        if mask.any():
            seen += 1
            image = data[number]["image"][0]
            assert image[mask].mean() > image[~mask].mean() + 0.1
    assert seen == 20 if start else 5 <= seen < 20  # wide looks without a nodule train, too


def test_nothing_is_learnt_about_presence_and_outline_where_nobody_looked(lidc_folder):
    data = make(lidc_folder, slabs=False, unknown=True)
    for number in range(0, 10, 2):
        assert targets(data, number).heat_weight.max() == 0
        assert targets(data, number).mask_weight.max() == 0


@pytest.mark.parametrize(("wide", "close"), [(50, 32), (48, 40)])
def test_patch_edges_must_suit_the_network(wide, close):
    looks = WidePatches([], NONE, [], [], NONE, [], NONE, edge=wide, seed=0)
    near = ClosePatches([], NONE, [], NONE, edge=close, spacing_mm=0.6)
    with pytest.raises(ValueError, match=rf"divisible by 16, found \[{wide}, {close}\]"):
        PatchDataset(looks, near, length=1, windows_hu=[(0, 1)])
