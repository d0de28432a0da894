import numpy as np

from resmtnet.transforms.canonical import canonical_of


def test_view_runs_to_head_back_and_left(source):
    seen = canonical_of(source).grid(source)
    directions = seen.affine_lps[:3, :3] / np.linalg.norm(seen.affine_lps[:3, :3], axis=0)
    assert np.all(np.diag(directions) > 0.9)


def test_view_holds_the_same_values_at_the_same_places(source):
    array = np.random.default_rng(0).integers(-1000, 400, source.shape_kji, dtype=np.int16)
    canonical = canonical_of(source)
    view, grid = canonical.view(array), canonical.grid(source)
    assert view.shape == grid.shape_kji
    assert np.shares_memory(view, array)
    for voxel in [(0, 0, 0), (5, 7, 9), tuple(n - 1 for n in view.shape)]:
        i, j, k = source.to_ijk(grid.to_lps([voxel[::-1]]))[0].round().astype(int)
        assert view[voxel] == array[k, j, i]


def test_axial_series_is_left_as_it_is(grids):
    canonical = canonical_of(grids["axial"])
    assert canonical.axes_kji == (0, 1, 2)
    assert not any(canonical.flipped_kji)
