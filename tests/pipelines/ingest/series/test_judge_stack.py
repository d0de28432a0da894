"""The questions to a stack, over plain values that hypothesis makes up."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resmtnet.pipelines.ingest.header.slice_header import PixelLayout, SliceHeader
from resmtnet.pipelines.ingest.series.fit_stack import fit_stack
from resmtnet.pipelines.ingest.series.judge_stack import judge_stack

PIXELS = PixelLayout("1.2.840.10008.1.2.1", 1000, 512, 2000, 16, 16, 1, "MONOCHROME2", 16, 16, 15, True, 1, 0, 1, 0)
HEADER = SliceHeader(
    Path("a"), "a", "", "u", "s", "r", "f", "p", "CT", (), (0.0, 0.0, 0.0), (1.0, 0, 0, 0, 1, 0), (0.7, 0.8), PIXELS
)


def stack(places: np.ndarray, sideways: float = 0.0) -> list[SliceHeader]:
    return [replace(HEADER, position=(sideways * float(z), 5.0, float(z))) for z in places]


def refusal(headers: list[SliceHeader]) -> str:
    verdicts = judge_stack(headers, 4)
    return verdicts[-1].code if verdicts and verdicts[-1].refuses else ""


counts = st.integers(5, 60)
spacings = st.floats(0.3, 10)
starts = st.floats(-2000, 2000)


@settings(max_examples=60, deadline=None)
@given(counts, spacings, starts, st.floats(-0.5, 0.5), st.randoms(use_true_random=False))
def test_a_regular_stack_is_accepted_in_any_order(count, spacing, start, sideways, random):
    headers = stack(start + spacing * np.arange(count), sideways)
    random.shuffle(headers)
    assert refusal(headers) == ""
    fitted = fit_stack([header.position for header in headers], np.array([0.0, 0, 1]))
    assert fitted.spacing_mm == pytest.approx(spacing, rel=1e-6)
    assert [headers[n].position[2] for n in fitted.order] == sorted(header.position[2] for header in headers)
    if abs(sideways) * spacing * (count - 1) > 0.051:
        assert fitted.step_lps[0] == pytest.approx(sideways * spacing, rel=1e-6)


@settings(max_examples=60, deadline=None)
@given(counts, spacings, starts, st.data())
def test_any_missing_inner_slice_is_seen(count, spacing, start, data):
    places = start + spacing * np.arange(count + 1)
    gone = data.draw(st.integers(1, count - 1))
    assert refusal(stack(np.delete(places, gone))) == "E_MISSING_SLICES"


@settings(max_examples=60, deadline=None)
@given(counts, spacings, starts, st.data())
def test_any_doubled_slice_is_seen(count, spacing, start, data):
    places = start + spacing * np.arange(count)
    twice = data.draw(st.integers(0, count - 1))
    assert refusal(stack(np.append(places, places[twice]))) == "E_DUPLICATE_POSITION"


@settings(max_examples=60, deadline=None)
@given(counts, spacings, st.data())
def test_any_slice_far_off_its_place_is_seen(count, spacing, data):
    places = spacing * np.arange(float(count))
    places[data.draw(st.integers(0, count - 1))] += data.draw(st.floats(0.3, 0.45)) * spacing
    assert refusal(stack(places)) == "E_IRREGULAR_SPACING"
