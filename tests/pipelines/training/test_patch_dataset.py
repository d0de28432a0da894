import numpy as np
import pytest
import torch

from resmtnet.networks.losses import unpack_targets
from resmtnet.pipelines.training.background import Background
from resmtnet.pipelines.training.lidc_nodules import read_lidc_nodules, to_nodule
from resmtnet.pipelines.training.patch_dataset import PatchDataset
from resmtnet.pipelines.training.slab import to_slab


def make(lidc_folder, *, slabs: bool, unknown: bool = False) -> PatchDataset:
    records = list(read_lidc_nodules(lidc_folder, None))
    hu = np.full((80, 80, 80), -850, np.int16)
    lesion = np.ones(hu.shape, bool) if unknown else None
    background = Background(hu, np.ones(hu.shape, bool), None, lesion, 1.0)
    return PatchDataset(
        [to_nodule(r) for r in records],
        [],
        [to_slab(r) for r in records] if slabs else [],
        [background],
        length=100,
        windows_hu=[(-1000, 200), (-200, 600)],
        patch_mm=48,
        seed=3,
    )


def test_the_same_number_gives_the_same_patch(lidc_folder):
    a, b = make(lidc_folder, slabs=True), make(lidc_folder, slabs=True)
    _ = b[0]  # whatever was drawn before
    assert torch.equal(a[7]["image"], b[7]["image"])
    assert torch.equal(a[7]["label"], b[7]["label"])
    assert not torch.equal(a[7]["image"], a[8]["image"])


def test_masks_lie_on_bright_voxels_and_every_nodule_has_one_centre(lidc_folder):
    data = make(lidc_folder, slabs=False)
    seen = 0
    for index in range(20):
        targets = unpack_targets(data[index]["label"][None])
        mask = targets.maps.mask[0, 0] > 0
        peaks = (targets.maps.heat >= 1).sum().item()
        assert (peaks > 0) == bool(mask.any())
        if mask.any():
            seen += 1
            image = data[index]["image"][0]
            assert image[mask].mean() > image[~mask].mean() + 0.1
    assert 5 <= seen < 20  # patches without a nodule train, too


def test_nothing_is_learnt_about_presence_where_nobody_looked(lidc_folder):
    data = make(lidc_folder, slabs=False, unknown=True)
    assert all(unpack_targets(data[n]["label"][None]).heat_weight.sum() == 0 for n in range(5))


def test_patch_edge_must_suit_the_network(lidc_folder):
    with pytest.raises(ValueError, match="divisible by 16, found 50"):
        PatchDataset([], [], [], [], length=1, windows_hu=[(0, 1)], patch_mm=50)
