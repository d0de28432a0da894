"""Close looks at analytic scenes by a look that outlines what is dense."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn.functional import avg_pool3d

from resmtnet.networks import HeadMaps, pack
from resmtnet.pipelines.inference.close_look import CloseLook
from resmtnet.transforms.candidates import Candidate
from resmtnet.transforms.diameters import axial_diameters
from resmtnet.transforms.grid import Grid
from resmtnet.transforms.mask_to_source import mask_to_source
from resmtnet.transforms.reader_diameters import reader_diameters

WINDOW_HU = (-1000.0, 200.0)
LUNG_HU, BALL_HU = -800.0, 40.0
RADIUS_MM, CENTRE_LPS = 6.0, (10.0, 12.0, 22.0)
MODEL = Grid((48, 48, 64), np.array([[1.0, 0, 0, -20], [0, 1.0, 0, -10], [0, 0, 1.0, 5], [0, 0, 0, 1]]))

SOURCES = {
    "straight": [[0.8, 0, 0, -20], [0, 0.8, 0, -10], [0, 0, 1.5, 5], [0, 0, 0, 1]],
    "flipped": [[0, -0.8, 0, 44], [0.8, 0, 0, -10], [0, 0, -2.0, 53], [0, 0, 0, 1]],
    "sheared": [[0.8, 0, 0, -20], [0, 0.8, 0.4, -16], [0, 0, 1.5, 5], [0, 0, 0, 1]],
}
STRAIGHT = Grid((32, 80, 80), np.array(SOURCES["straight"]))


def places_lps(grid: Grid) -> np.ndarray:
    k, j, i = np.indices(grid.shape_kji).reshape(3, -1)
    return grid.to_lps(np.stack([i, j, k], axis=1)).reshape(*grid.shape_kji, 3)


def scan(source: Grid, *centres_lps) -> np.ndarray:
    """Balls in lung, with the soft edge of a scan."""
    distance = np.min([np.linalg.norm(places_lps(source) - c, axis=-1) for c in centres_lps], axis=0)
    return LUNG_HU + (BALL_HU - LUNG_HU) / (1 + np.exp((distance - RADIUS_MM) / 0.3))


def in_ball(grid: Grid, centre_lps=CENTRE_LPS) -> np.ndarray:
    return np.linalg.norm(places_lps(grid) - centre_lps, axis=-1) <= RADIUS_MM


def candidate(lps, size_mm: float = 12.0) -> Candidate:
    i, j, k = MODEL.to_ijk([lps])[0]
    return Candidate(0.9, (int(k // 4), int(j // 4), int(i // 4)), (i, j, k), (size_mm,) * 3)


def answer(images: torch.Tensor, mask: torch.Tensor, rating: torch.Tensor | None = None) -> torch.Tensor:
    nothing = torch.zeros(images.shape[0], 12, *(n // 4 for n in images.shape[2:]))
    return pack(HeadMaps(nothing[:, :1], nothing[:, :6], mask, nothing if rating is None else rating))


def hu_of(images: torch.Tensor) -> torch.Tensor:
    return images * (WINDOW_HU[1] - WINDOW_HU[0]) + WINDOW_HU[0]


def logit(probability: torch.Tensor) -> torch.Tensor:
    return torch.logit(probability.float(), eps=1e-6)


def dense(images: torch.Tensor) -> torch.Tensor:
    """Outline half way between ball and lung."""
    return answer(images, (hu_of(images) + 380) / 40)


def close_look(**options) -> CloseLook:
    return CloseLook(windows_hu=[WINDOW_HU], **options)


def dice(a: np.ndarray, b: np.ndarray) -> float:
    return 2 * (a & b).sum() / (a.sum() + b.sum())


@pytest.mark.parametrize("name", SOURCES)
@pytest.mark.parametrize("mirrors", [1, 8])
def test_a_ball_is_outlined_where_it_lies_in_the_patient(name, mirrors):
    source = Grid((32, 80, 80), np.array(SOURCES[name]))
    off = candidate(np.add(CENTRE_LPS, (3, -2, 1.5)))  # candidates are seldom in the middle
    (view,) = close_look(mirrors=mirrors)(dense, scan(source, CENTRE_LPS), source, MODEL, [off])
    assert view.grid.spacing_mm == pytest.approx((0.6, 0.6, 0.6))
    block = view.outline.grid(view.grid)
    seen = view.outline.probability >= 0.5
    np.testing.assert_allclose(places_lps(block)[seen].mean(axis=0), CENTRE_LPS, atol=0.15)
    # slices of 1.5 to 2 mm, seen through linear interpolation
    assert dice(seen, in_ball(block)) > 0.96
    assert seen.sum() * 0.6**3 == pytest.approx(4 / 3 * np.pi * RADIUS_MM**3, rel=0.06)
    assert axial_diameters(view.outline, view.grid.spacing_mm).long_axis_mm == pytest.approx(2 * RADIUS_MM, abs=0.3)


def present(images: torch.Tensor, *logits: float) -> torch.Tensor:
    """Outline what is dense; presence in the eight middle cells as given, sure just outside of them."""
    packed = dense(images)
    middle = images.shape[2] // 4 // 2
    packed[:, 0] = 9.0
    cells = slice(middle - 1, middle + 1)
    packed[:, 0, cells, cells, cells] = torch.tensor(logits).view(2, 2, 2)
    return packed


@pytest.mark.parametrize("mirrors", [1, 4])
@pytest.mark.parametrize("share", [0.0, 0.2, 0.5])
def test_the_probability_of_a_nodule_is_that_of_both_looks(share, mirrors):
    """The candidate's is 0.9; the largest of the middle cells is a logit of -1, wherever it stands among them."""
    source = Grid((32, 80, 80), np.array(SOURCES["straight"]))
    views = close_look(presence_share=share, mirrors=mirrors)(
        lambda images: present(images, -9, -9, -9, -9, -9, -1, -9, -9),
        scan(source, CENTRE_LPS),
        source,
        MODEL,
        [candidate(CENTRE_LPS)],
    )
    assert views[0].probability == pytest.approx((1 - share) * 0.9 + share / (1 + np.e))


def test_long_axes_are_taken_further_out_as_asked():
    """A ball that is outlined at its radius, with a probability that falls over two voxels beyond it."""
    source = Grid((32, 80, 80), np.array(SOURCES["straight"]))

    def soft(images: torch.Tensor) -> torch.Tensor:
        return answer(images, (hu_of(images) + 380) / 200)

    def seen(**options):
        return close_look(**options)(soft, scan(source, CENTRE_LPS), source, MODEL, [candidate(CENTRE_LPS)])[0]

    plain, further = seen(), seen(plain_up_to_mm=5.0)
    np.testing.assert_array_equal(plain.outline.probability, further.outline.probability)
    assert plain.axes == axial_diameters(plain.outline, plain.grid.spacing_mm)
    assert further.axes == reader_diameters(plain.outline, plain.grid.spacing_mm, plain_up_to_mm=5.0)
    assert further.axes.long_axis_mm > plain.axes.long_axis_mm + 0.1


@pytest.mark.parametrize("length_mm", [0.0, -1.0, float("nan"), float("inf")])
def test_a_limit_of_plain_axes_is_a_length(length_mm):
    with pytest.raises(ValueError, match="plain_up_to_mm"):
        close_look(plain_up_to_mm=length_mm)


@pytest.mark.parametrize("share", [-0.1, 1.0])
def test_a_share_leaves_something_to_the_wide_look(share):
    with pytest.raises(ValueError, match="presence_share"):
        close_look(presence_share=share)


def one_side(images: torch.Tensor) -> torch.Tensor:
    """A look that is surer towards low i, and rates what it sees there."""
    hu = hu_of(images)
    low = torch.arange(images.shape[-1]) < images.shape[-1] // 2
    p = torch.where(hu > -380, torch.where(low, 0.9, 0.3), 0.0)
    rating = torch.zeros(images.shape[0], 12, *(n // 4 for n in images.shape[2:]))
    rating[:, 0] = (hu * low).mean(dim=(1, 2, 3, 4))[:, None, None, None]
    return answer(images, logit(p), rating)


def test_mirrored_looks_are_averaged_where_they_belong():
    hu, found = scan(STRAIGHT, CENTRE_LPS), [candidate(np.add(CENTRE_LPS, (3, 0, 0)))]
    (once,) = close_look(mirrors=1)(one_side, hu, STRAIGHT, MODEL, found)
    (twice,) = close_look(mirrors=2)(one_side, hu, STRAIGHT, MODEL, found)
    assert set(np.round(once.outline.probability[once.outline.probability > 0.01], 3)) == {
        np.float32(0.9),
        np.float32(0.3),
    }
    block = twice.outline.grid(twice.grid)
    seen = twice.outline.probability > 0.01
    np.testing.assert_allclose(twice.outline.probability[seen], 0.6, atol=1e-5)
    assert dice(seen, in_ball(block)) > 0.96
    np.testing.assert_allclose(places_lps(block)[seen].mean(axis=0), CENTRE_LPS, atol=0.15)
    (image,) = [close_look()._image(hu, STRAIGHT, once.grid)]
    left, right = image[..., :24], image[..., 24:]
    assert once.rating[0] == pytest.approx(float(hu_of(left).mean()) / 2, rel=1e-4)
    assert twice.rating[0] == pytest.approx(float(hu_of(torch.cat([left, right], -1)).mean()) / 2, rel=1e-4)


def test_all_eight_mirror_images_are_different_and_mapped_back():
    seen: list[torch.Tensor] = []

    def corner(images: torch.Tensor) -> torch.Tensor:
        """Marks one voxel of the array, whatever it shows."""
        seen.append(images.clone())
        p = torch.full_like(images, 0.0)
        p[:, :, 20, 21, 22] = 0.8
        return answer(images, logit(p))

    hu = scan(STRAIGHT, np.add(CENTRE_LPS, (2, 3, 4)))  # nothing symmetric about it
    (view,) = close_look(mirrors=8)(corner, hu, STRAIGHT, MODEL, [candidate(CENTRE_LPS)])
    assert len(seen) == 8
    assert all(not torch.equal(a, b) for n, a in enumerate(seen) for b in seen[:n])
    marked = np.argwhere(view.outline.probability > 0.05) + view.outline.start_kji
    # the voxel of each mirror image, mapped back, is one of the eight around the middle
    expected = {(k, j, i) for k in (20, 27) for j in (21, 26) for i in (22, 25)}
    assert {tuple(v) for v in marked} <= expected


def field(images: torch.Tensor) -> torch.Tensor:
    """Rate the HU of each cell; outline what lies in the middle, so that nothing is looked at again."""
    cells = avg_pool3d(hu_of(images), 4)
    mask = torch.full_like(images, -9.0)
    middle = slice(images.shape[-1] // 2 - 2, images.shape[-1] // 2 + 2)
    mask[..., middle, middle, middle] = 9.0
    return answer(images, mask, cells.expand(-1, 12, -1, -1, -1).clone())


def test_answers_stand_in_the_order_of_the_candidates_whatever_their_size():
    slopes = np.array([5.0, 3.0, 2.0])
    hu = places_lps(STRAIGHT) @ slopes - 500
    rng = np.random.default_rng(0)
    places = rng.uniform((0, 5, 15), (15, 20, 30), (16, 3))
    sizes = rng.choice([6.0, 6.0, 20.0, 40.0], 16)
    shapes = []

    def recorded(images: torch.Tensor) -> torch.Tensor:
        shapes.append(tuple(images.shape))
        return field(images)

    found = [candidate(p, s) for p, s in zip(places, sizes, strict=True)]
    views = close_look()(recorded, hu, STRAIGHT, MODEL, found)
    np.testing.assert_allclose([float(v.rating[0]) for v in views], places @ slopes - 500, atol=0.5)
    for view, place, size in zip(views, places, sizes, strict=True):
        middle = (np.array(view.grid.shape_kji[::-1]) - 1) / 2
        np.testing.assert_allclose(view.grid.to_lps([middle])[0], place, atol=1e-6)
        # 48 voxels of 0.6 mm hold 18.8 mm and 10 mm of surroundings; a larger one is seen in larger voxels
        assert view.grid.spacing_mm == pytest.approx((max(0.6, (size + 10) / 48),) * 3)
    assert {s[2:] for s in shapes} == {(48, 48, 48)}
    assert max(s[0] for s in shapes) > 1  # they go through the network together


def test_neighbours_share_their_voxels():
    centres = [np.add(CENTRE_LPS, (-5, 0, 0)), np.add(CENTRE_LPS, (5, 0, 0))]
    hu = scan(STRAIGHT, *centres)
    views = close_look()(dense, hu, STRAIGHT, MODEL, [candidate(c) for c in centres])
    masks = []
    for view, sign in zip(views, (-1, 1), strict=True):
        block = view.outline.grid(view.grid)
        x = places_lps(block)[view.outline.probability >= 0.5][:, 0] - CENTRE_LPS[0]
        assert (sign * x).min() > -0.6  # none beyond the plane between them, but for the voxel on it
        start, voxels = mask_to_source(view.outline, view.grid, STRAIGHT)
        whole = np.zeros(STRAIGHT.shape_kji, bool)
        whole[tuple(slice(s, s + n) for s, n in zip(start, voxels.shape, strict=True))] = voxels
        masks.append(whole)
    both = in_ball(STRAIGHT, centres[0]) | in_ball(STRAIGHT, centres[1])
    assert dice(masks[0] | masks[1], both) > 0.94
    assert (masks[0] & masks[1]).sum() < 0.03 * both.sum()
    assert masks[0].sum() == pytest.approx(masks[1].sum(), rel=0.05)


def test_uncertainty_is_nothing_for_a_sure_outline_and_grows_with_doubt():
    hu, found = scan(STRAIGHT, CENTRE_LPS), [candidate(CENTRE_LPS)]

    def unsure(look) -> float:
        return close_look()(look, hu, STRAIGHT, MODEL, found)[0].outline_uncertainty

    def step(inside: float):
        return lambda images: answer(images, torch.where(hu_of(images) > -380, inside, -200.0))

    assert unsure(step(40.0)) == pytest.approx(0, abs=1e-6)
    assert unsure(step(np.log(0.7 / 0.3))) == pytest.approx(4 * 0.7 * 0.3, abs=1e-3)
    sharp = unsure(lambda images: answer(images, (hu_of(images) + 380) / 40))
    soft = unsure(lambda images: answer(images, (hu_of(images) + 380) / 160))
    assert 0 < sharp < soft < 1


def test_the_network_may_still_be_learning():
    weight = torch.ones(1, requires_grad=True)
    hu, found = scan(STRAIGHT, CENTRE_LPS), [candidate(CENTRE_LPS)]
    (view,) = close_look()(lambda images: dense(images * weight), hu, STRAIGHT, MODEL, found)
    assert not view.rating.requires_grad


def test_no_candidate_no_look():
    assert close_look()(dense, scan(STRAIGHT, CENTRE_LPS), STRAIGHT, MODEL, []) == ()


@pytest.mark.parametrize(
    ("options", "found"),
    [({"edge": 40}, "divisible by 16, found 40"), ({"mirrors": 0}, "found 0"), ({"mirrors": 9}, "found 9")],
)
def test_senseless_options_are_refused(options, found):
    with pytest.raises(ValueError, match=found):
        close_look(**options)


def test_a_peak_in_a_corner_of_a_large_nodule_is_looked_at_again():
    """A candidate of 6 mm at the rim of a ball of 24 mm: the second look stands in the ball's middle."""
    radius_mm, centre = 12.0, np.array(CENTRE_LPS)
    distance = np.linalg.norm(places_lps(STRAIGHT) - centre, axis=-1)
    hu = LUNG_HU + (BALL_HU - LUNG_HU) / (1 + np.exp((distance - radius_mm) / 0.3))
    (view,) = close_look()(dense, hu, STRAIGHT, MODEL, [candidate(centre + np.array([9.0, 0, 0]), 6.0)])
    middle = (np.array(view.grid.shape_kji[::-1]) - 1) / 2
    np.testing.assert_allclose(view.grid.to_lps([middle])[0], centre, atol=4.0)  # of 9 mm
    assert axial_diameters(view.outline, view.grid.spacing_mm).long_axis_mm == pytest.approx(2 * radius_mm, abs=0.6)


def test_a_nodule_too_large_for_the_finest_cube_is_outlined_whole():
    """A ball of 36 mm: 48 voxels of 0.6 mm would show 29 mm of it."""
    radius_mm, centre = 18.0, np.array([12.0, 12.0, 29.0])
    source = Grid((64, 90, 90), np.array([[0.8, 0, 0, -24], [0, 0.8, 0, -24], [0, 0, 1.0, -3], [0, 0, 0, 1]]))
    distance = np.linalg.norm(places_lps(source) - centre, axis=-1)
    hu = LUNG_HU + (BALL_HU - LUNG_HU) / (1 + np.exp((distance - radius_mm) / 0.3))
    (view,) = close_look()(dense, hu, source, MODEL, [candidate(centre, 36.0)])
    assert axial_diameters(view.outline, view.grid.spacing_mm).long_axis_mm == pytest.approx(2 * radius_mm, rel=0.02)
    voxel_mm3 = np.prod(view.grid.spacing_mm)
    volume_mm3 = (view.outline.probability >= 0.5).sum() * voxel_mm3
    assert volume_mm3 == pytest.approx(4 / 3 * np.pi * radius_mm**3, rel=0.02)
