import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from monai.data.meta_tensor import MetaTensor

from resmtnet.transforms.grid import Grid, grid_of, to_metatensor
from resmtnet.transforms.window import WindowHUd, unwindow, window_hu


def _hu(*values):
    return torch.tensor(values, dtype=torch.int16).reshape(1, 1, 1, -1)


def test_ends_and_middle_of_a_window():
    values = window_hu(_hu(-2000, -1000, -400, 200, 3000), [(-1000, 200)])
    assert values.dtype == torch.float32
    np.testing.assert_allclose(values.flatten(), [0, 0, 0.5, 1, 1], atol=1e-7)


def test_each_window_is_a_channel():
    values = window_hu(_hu(-1000, 200, 600), [(-1000, 200), (-200, 600)])
    np.testing.assert_allclose(values[:, 0, 0], [[0, 1, 1], [0, 0.5, 1]], atol=1e-7)


@settings(deadline=None)  # a loaded machine is no failure
@given(hu=st.integers(-1000, 600), low=st.integers(-1500, -1000), high=st.integers(600, 3000))
def test_unwindow_is_the_inverse_within_the_window(hu, low, high):
    back = unwindow(window_hu(_hu(hu), [(low, high)]), (low, high))
    assert abs(float(back) - hu) < 0.01


def test_dictionary_form_keeps_grid_and_leaves_its_input():
    grid = Grid((2, 3, 4), np.diag([0.7, 0.8, 2.0, 1.0]))
    image = to_metatensor(np.full((1, 2, 3, 4), -400, np.int16), grid)
    data = {"image": image, "other": 1}
    result = WindowHUd("image")(data)
    assert isinstance(result["image"], MetaTensor)
    assert result["image"].shape == (2, 2, 3, 4)
    np.testing.assert_allclose(grid_of(result["image"]).affine_lps, grid.affine_lps)
    assert data["image"] is image
    assert torch.all(image == -400)
    assert result["other"] == 1


@pytest.mark.parametrize("windows", [[], [(200, -1000)], [(0, 0)]])
def test_turned_or_missing_windows_are_refused(windows):
    with pytest.raises(ValueError, match="low < high"):
        window_hu(_hu(0), windows)


def test_more_than_one_channel_is_refused():
    with pytest.raises(ValueError, match="one channel"):
        window_hu(torch.zeros(2, 1, 1, 1), [(-1000, 200)])
