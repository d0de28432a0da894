"""Mirrored and turned lesions of which only a box is known: where the marked voxels land."""

import numpy as np
import pytest

from resmtnet.networks.losses import unpack_targets
from resmtnet.pipelines.training.patch_dataset import PatchDataset
from resmtnet.transforms.boxes import decode_boxes
from resmtnet.transforms.targets import Lesion

EDGE = 48
LOW, SIZE = np.array([6, 15, 24]), np.array([5, 9, 13])  # (k, j, i); nothing alike on two axes, nor mirrored
CENTRE = LOW + (SIZE - 1) / 2


class Marked:
    """Draws a bright block in a dark cube and its box, presence known in the half towards i = 47 only."""

    edge = EDGE

    def __init__(self, *, close: bool, outlined: bool = False) -> None:
        self.close, self.outlined = close, outlined

    def draw(self, rng: np.random.Generator):
        hu = np.full((EDGE,) * 3, -900, np.float32)
        block = np.zeros(hu.shape, bool)
        block[tuple(slice(a, a + n) for a, n in zip(LOW, SIZE, strict=True))] = True
        hu[block] = 3000
        scores = np.array([1, 0, 0, 0, 0], np.float32)
        lesion = Lesion(block if self.outlined else None, scores, None, tuple(CENTRE), tuple(map(float, SIZE)))
        known = np.zeros(hu.shape, np.float32)
        known[..., EDGE // 2 :] = 1
        return (hu, [lesion]) if self.close else (hu, [lesion], known)


def patches(*, close: bool, outlined: bool = False):
    """Bright block (bool) and unpacked targets of 24 patches of one kind."""
    marked = Marked(close=close, outlined=outlined)
    data = PatchDataset(Marked(close=False), marked, length=48, windows_hu=[(-1000, 3000)])
    if not close:
        data = PatchDataset(marked, None, length=48, windows_hu=[(-1000, 3000)])
    for number in range(1, 48, 2):
        patch = data[number]
        # noise, blur and contrast are far from half of the way between -900 and 3000 HU
        yield (patch["image"][0] > 0.5).numpy(), unpack_targets(patch["label"][None])


@pytest.mark.parametrize("close", [False, True], ids=["wide", "close"])
def test_the_box_lands_where_the_bright_block_lands(close):
    sizes, lows = set(), set()
    for bright, targets in patches(close=close):
        voxels = np.argwhere(bright)
        low, high = voxels.min(axis=0), voxels.max(axis=0)
        (cell,) = np.argwhere(targets.maps.heat[0, 0].numpy() == 1)
        said = targets.maps.box[0, :, *cell].numpy()
        centre, size = decode_boxes(said[None], cell[None])
        np.testing.assert_allclose(centre[0, ::-1], (low + high) / 2, atol=1e-3)
        np.testing.assert_allclose(size[0, ::-1], high - low + 1, rtol=1e-3)
        assert targets.mask_weight[0, 0, *cell] == 0  # the outline is not known
        assert targets.maps.rating[0, 0, *cell] == 1
        sizes.add(tuple(high - low + 1))
        lows.add(tuple(low))
    assert len(lows) >= 6  # of 8 mirror images, and more where axes change places
    assert len(sizes) == 1 if close else len(sizes) >= 3  # a close look stays upright


@pytest.mark.parametrize("close", [False, True], ids=["wide", "close"])
def test_an_outline_lands_where_the_bright_block_lands(close):
    for bright, targets in patches(close=close, outlined=True):
        mask = targets.maps.mask[0, 0].numpy() > 0
        for of in (np.min, np.max):
            assert np.array_equal(of(np.argwhere(mask), axis=0), of(np.argwhere(bright), axis=0))
        assert mask[bright].all()  # blur takes the corners off the bright block


def test_what_is_known_of_presence_turns_with_the_image():
    for bright, targets in patches(close=False):
        known = targets.heat_weight[0, 0].numpy() > 0
        assert known.mean() == 0.5
        # the block lies in the half that is known, on the axis on which it is longest
        axis = int(np.ptp(np.argwhere(bright), axis=0).argmax())
        there = np.flatnonzero(np.moveaxis(known, axis, 0)[:, 0, 0])
        block = np.flatnonzero(bright.any(axis=tuple({0, 1, 2} - {axis}))) // 4
        assert set(block) <= set(there)
        assert (targets.mask_weight[0, 0].numpy()[~known]).max() == 0
