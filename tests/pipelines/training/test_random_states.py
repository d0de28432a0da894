from __future__ import annotations

import io
import random

import numpy as np
import pytest
import torch

from resmtnet.pipelines.training.checkpoint_error import CheckpointError
from resmtnet.pipelines.training.random_states import random_states, set_random_states


@pytest.fixture(autouse=True)
def same_generators():
    states = random_states()
    yield
    set_random_states(states)


def draw() -> list[float]:
    """Odd numbers of Gaussian values: the generators of Python and numpy then hold a second one back."""
    return [random.gauss(0, 1), np.random.standard_normal(), float(torch.randn(1)), random.random(), np.random.rand()]


def test_every_generator_goes_on_where_it_was_after_a_file():
    draw()
    file = io.BytesIO()
    torch.save(random_states(), file)
    expected = draw() + draw()
    file.seek(0)
    set_random_states(torch.load(file, weights_only=True))
    assert draw() + draw() == expected


def test_states_of_another_number_of_processes_are_refused():
    states = {key: value.repeat(2, 1) for key, value in random_states().items()}
    with pytest.raises(CheckpointError, match="written by 2 processes, this run has 1"):
        set_random_states(states)
