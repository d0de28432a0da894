from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from resmtnet.pipelines.inference.slabs import Slab, plan_slabs

HALO, STEP = 32, 16


def test_a_region_that_fits_is_one_slab():
    assert plan_slabs((64, 32, 32), 64 * 32 * 32, halo=HALO, step=STEP) == [Slab(0, 64, 0, 64)]


@given(blocks=st.integers(1, 40), max_slices=st.integers(1, 700))
def test_cores_cover_the_region_once_and_slabs_stay_within_the_limit(blocks, max_slices):
    depth, area = 16 * blocks, 100
    slabs = plan_slabs((depth, 10, 10), max_slices * area, halo=HALO, step=STEP)
    assert [k for slab in slabs for k in range(slab.core_start, slab.core_stop)] == list(range(depth))
    assert all(slab.start % STEP == 0 and slab.core_start % STEP == 0 for slab in slabs)
    assert all(slab.start == max(slab.core_start - HALO, 0) for slab in slabs)
    assert all(slab.stop == min(slab.core_stop + HALO, depth) for slab in slabs)
    least = 2 * HALO + STEP  # thinner slabs would answer for nothing
    assert all((slab.stop - slab.start) <= max(max_slices, least) for slab in slabs)


def test_cores_are_about_equally_thick():
    slabs = plan_slabs((320, 10, 10), 224 * 100, halo=HALO, step=STEP)
    assert [slab.core_stop - slab.core_start for slab in slabs] == [160, 160]


def test_the_core_of_an_output_at_stride_4():
    output = torch.arange(24.0).reshape(1, 1, 24, 1, 1)
    core = Slab(32, 128, 64, 96).core_of(output)
    assert core.flatten().tolist() == list(range(8, 16))


@pytest.mark.parametrize("depth", [16, 48])
def test_the_whole_output_is_not_copied(depth):
    output = torch.zeros(1, 1, depth // 4, 1, 1)
    assert Slab(0, depth, 0, depth).core_of(output) is output
