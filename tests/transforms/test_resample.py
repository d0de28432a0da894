import numpy as np
import pytest
import SimpleITK as sitk
import torch
from scipy import ndimage

from resmtnet.transforms.grid import Grid, grid_of, to_metatensor
from resmtnet.transforms.model_grid import model_grid
from resmtnet.transforms.resample import ToModelGridd, resample

FILL = -1024.0
# float32 HU of a few hundred, and weights rounded to float32
LINEAR_TOLERANCE_HU = 1e-2


def _shifted_target():
    """Return a grid whose origin has nothing to do with that of any source, well inside all of them."""
    affine = np.diag([0.9, 1.1, 1.3, 1.0])
    affine[:3, 3] = [-2.123, -33.377, 118.71]
    return Grid((16, 20, 24), affine)


def _inside(target, source, centres, margin=0.0):
    """Where target voxels lie between the outermost voxel centres of the source."""
    where = source.to_ijk(centres(target).reshape(-1, 3)).reshape(*target.shape_kji, 3)
    return np.all((where >= margin) & (where <= np.array(source.shape_kji[::-1]) - 1 - margin), axis=-1)


@pytest.mark.parametrize("make_target", [lambda s: model_grid(s, (0, 0, 0), s.shape_kji, 1.0, 16), None])
def test_linear_field_keeps_its_value_at_every_place(source, make_target, voxel_centres, linear_field):
    target = make_target(source) if make_target else _shifted_target()
    result = resample(linear_field(voxel_centres(source)).astype(np.float32), source, target, fill=FILL)
    inside = _inside(target, source, voxel_centres)
    assert inside.mean() > 0.5
    assert result.dtype == np.float32
    error = np.abs(result - linear_field(voxel_centres(target)))[inside]
    assert error.max() < LINEAR_TOLERANCE_HU


def test_linear_field_returns_to_its_own_grid(source, voxel_centres, linear_field):
    truth = linear_field(voxel_centres(source))
    model = model_grid(source, (0, 0, 0), source.shape_kji, 1.0, 16)
    there = resample(truth.astype(np.float32), source, model, fill=FILL)
    back = resample(there, model, source, fill=FILL)
    two_voxels_in = (slice(4, -4),) * 3
    assert np.abs(back - truth)[two_voxels_in].max() < 2 * LINEAR_TOLERANCE_HU


def test_random_volume_agrees_with_map_coordinates(source, voxel_centres):
    hu = np.random.default_rng(1).integers(-1000, 400, source.shape_kji, dtype=np.int16)
    target = model_grid(source, (2, 2, 2), source.shape_kji, 1.0, 16)
    where = np.linalg.inv(source.affine_lps)
    lps = voxel_centres(target)
    kji = np.moveaxis(lps @ where[:3, :3].T + where[:3, 3], -1, 0)[::-1]
    truth = ndimage.map_coordinates(hu.astype(np.float64), kji, order=1, mode="nearest")
    inside = _inside(target, source, voxel_centres)
    np.testing.assert_allclose(resample(hu, source, target, fill=FILL)[inside], truth[inside], atol=0.02)


@pytest.mark.parametrize("name", ["thick", "sagittal", "oblique"])
def test_random_volume_agrees_with_simpleitk(grids, name, voxel_centres):
    source, target = grids[name], _shifted_target()
    hu = np.random.default_rng(2).integers(-1000, 400, source.shape_kji).astype(np.float32)
    truth = sitk.GetArrayFromImage(
        sitk.Resample(_itk(source, hu), _itk(target), sitk.Transform(), sitk.sitkLinear, FILL)
    )
    inside = _inside(target, source, voxel_centres)
    np.testing.assert_allclose(resample(hu, source, target, fill=FILL)[inside], truth[inside], atol=0.05)


def _itk(grid, array=None):
    image = sitk.GetImageFromArray(np.zeros(grid.shape_kji, np.float32) if array is None else array)
    image.SetOrigin(grid.affine_lps[:3, 3])
    image.SetSpacing(grid.spacing_mm)
    image.SetDirection((grid.affine_lps[:3, :3] / grid.spacing_mm).ravel())
    return image


def test_labels_go_to_the_nearest_voxel_and_keep_their_type(source, voxel_centres):
    labels = np.random.default_rng(3).integers(1, 5, source.shape_kji, dtype=np.uint8)
    target = _shifted_target()
    result = resample(labels, source, target, mode="nearest", fill=0)
    assert result.dtype == np.uint8
    where = source.to_ijk(voxel_centres(target).reshape(-1, 3))
    clear = np.all(np.abs(where - np.floor(where) - 0.5) > 1e-6, axis=1)
    i, j, k = where.round().astype(int).T
    np.testing.assert_array_equal(result.ravel()[clear], labels[k, j, i][clear])


def test_edge_value_holds_to_the_outer_face_and_air_lies_beyond(source):
    hu = np.full(source.shape_kji, 40, np.int16)
    target = model_grid(source, (0, 0, 0), source.shape_kji, 0.5, 32)
    result = resample(hu, source, target, fill=FILL)
    assert set(np.unique(result.round(3))) == {FILL, 40.0}
    volume_mm3 = (result > 0).sum() * target.voxel_volume_mm3
    assert volume_mm3 == pytest.approx(hu.size * source.voxel_volume_mm3, rel=0.03)


def test_single_slice_and_single_row():
    source = Grid((1, 1, 5), np.eye(4))
    hu = np.arange(5, dtype=np.float32).reshape(1, 1, 5)
    np.testing.assert_array_equal(resample(hu, source, source, fill=0), hu)
    general = Grid((1, 1, 3), np.array([[1, 0, 0, 1], [0.1, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1.0]]))
    np.testing.assert_allclose(resample(hu, source, general, fill=0)[0, 0], [1, 2, 3], atol=1e-6)


def test_source_is_neither_changed_nor_needs_to_be_writable_or_contiguous(grids):
    source = grids["axial"]
    hu = np.random.default_rng(4).normal(size=source.shape_kji).astype(np.float32)
    turned = Grid(
        source.shape_kji, source.affine_lps @ np.array([[-1, 0, 0, 0], [0, 1, 0, 0], [0, 0, -1, 0], [0] * 3 + [1]])
    )
    hu.setflags(write=False)
    target = Grid((10, 10, 10), turned.crop((20, 20, 20), (1, 1, 1)).affine_lps)
    np.testing.assert_array_equal(
        resample(hu[::-1, :, ::-1], turned, target, fill=0),
        resample(np.array(hu[::-1, :, ::-1]), turned, target, fill=0),
    )


def test_array_of_another_shape_and_unknown_mode_are_refused(grids):
    with pytest.raises(ValueError, match="shape"):
        resample(np.zeros((2, 2, 2)), grids["axial"], grids["axial"], fill=0)
    with pytest.raises(ValueError, match="cubic"):
        resample(np.zeros(grids["axial"].shape_kji), grids["axial"], grids["axial"], mode="cubic", fill=0)


def test_dictionary_form_resamples_the_region(source, voxel_centres, linear_field):
    hu = linear_field(voxel_centres(source)).round().astype(np.int16)
    region = ((3, 5, 7), tuple(n - 4 for n in source.shape_kji))
    data = {"image": to_metatensor(hu[None], source), "lung_box": region}
    result = ToModelGridd("image", spacing_mm=1.5, divisor=8)(data)
    target = model_grid(source, *region, 1.5, 8)
    assert result["image"].dtype == torch.float32
    assert result["image"].shape == (1, *target.shape_kji)
    np.testing.assert_allclose(grid_of(result["image"]).affine_lps, target.affine_lps, atol=1e-9)
    np.testing.assert_allclose(result["model_grid"].affine_lps, target.affine_lps, atol=1e-9)
    np.testing.assert_allclose(result["source_grid"].affine_lps, source.affine_lps, atol=1e-9)
    inside = _inside(target, source, voxel_centres)
    error = np.abs(result["image"][0].numpy() - linear_field(voxel_centres(target)))[inside]
    assert error.max() <= 0.5 + LINEAR_TOLERANCE_HU  # the HU were rounded to integers
    assert "model_grid" not in data


def test_dictionary_form_without_region_key_takes_the_whole_scan(grids):
    image = to_metatensor(np.zeros((1, *grids["axial"].shape_kji), np.int16), grids["axial"])
    assert ToModelGridd("image", region_key=None)({"image": image})["image"].shape == (1, 64, 64, 64)
    with pytest.raises(KeyError):
        ToModelGridd("image")({"image": image})
