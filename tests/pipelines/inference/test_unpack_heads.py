from __future__ import annotations

import pytest
import torch

from resmtnet.networks.packing import HeadMaps, pack
from resmtnet.pipelines.inference.unpack_heads import UnpackHeadsd


def maps() -> HeadMaps:
    torch.manual_seed(0)
    return HeadMaps(
        torch.randn(1, 1, 2, 3, 4),
        torch.randn(1, 6, 2, 3, 4),
        torch.randn(1, 1, 8, 12, 16),
        torch.randn(1, 12, 2, 3, 4),
    )


def test_every_map_comes_back():
    said = maps()
    data = UnpackHeadsd("pred")({"pred": pack(said), "other": 1})
    assert "pred" not in data
    torch.testing.assert_close(data["heat"], 1 / (1 + torch.exp(-said.heat[0, 0])))
    torch.testing.assert_close(data["mask"], 1 / (1 + torch.exp(-said.mask[0, 0])))
    assert torch.equal(data["box"], said.box[0])
    assert torch.equal(data["rating"], said.rating[0])


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("values", [[float("nan")], [float("inf")], [float("inf"), float("-inf")]])
def test_values_that_are_no_numbers_are_not_taken_for_no_nodules(values, dtype):
    packed = pack(maps()).to(dtype)
    packed[0, 0, 0, 0, : len(values)] = torch.tensor(values, dtype=dtype)
    with pytest.raises(ValueError, match="finite"):
        UnpackHeadsd("pred")({"pred": packed})


def test_two_cases_are_refused():
    with pytest.raises(ValueError, match="one case"):
        UnpackHeadsd("pred")({"pred": pack(maps()).repeat(2, 1, 1, 1, 1)})


def test_the_mask_is_one_half_where_the_head_says_the_outline_is():
    said = maps()
    said.mask[0, 0, 3, 4, 5] = torch.logit(torch.tensor(0.3))
    data = UnpackHeadsd("pred", outline_probability=0.3)({"pred": pack(said)})
    assert data["mask"][3, 4, 5].item() == pytest.approx(0.5)
    torch.testing.assert_close(data["heat"], torch.sigmoid(said.heat[0, 0]))


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_an_outline_needs_a_probability_between_0_and_1(value):
    with pytest.raises(ValueError, match="between 0 and 1"):
        UnpackHeadsd("pred", outline_probability=value)
