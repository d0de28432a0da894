"""The states of all random generators, as tensors."""

from __future__ import annotations

import random
from typing import Any

import ignite.distributed as idist
import numpy as np
import torch
from torch import Tensor

from .checkpoint_error import CheckpointError


def random_states() -> dict[str, Tensor]:
    """Return the states of Python, numpy, torch and CUDA, one row per process (every process must call this)."""
    of_numpy: dict[str, Any] = np.random.get_state(legacy=False)
    assert of_numpy["bit_generator"] == "MT19937"
    _, words, next_gauss = random.getstate()
    states = {
        "numpy": torch.tensor(
            [*of_numpy["state"]["key"].tolist(), of_numpy["state"]["pos"], of_numpy["has_gauss"]], dtype=torch.int64
        ),
        "numpy_gauss": torch.tensor([of_numpy["gauss"]], dtype=torch.float64),
        "python": torch.tensor(words, dtype=torch.int64),
        "python_gauss": torch.tensor([float("nan") if next_gauss is None else next_gauss], dtype=torch.float64),
        "torch": torch.get_rng_state().long(),
    }
    if _on_cuda():  # the current device is the run's
        states["cuda"] = torch.cuda.get_rng_state().long()
    if idist.get_world_size() == 1:
        return {key: value[None] for key, value in states.items()}
    gathered: dict[str, Any] = {key: idist.all_gather(value[None].to(idist.device())) for key, value in states.items()}
    return {key: value.cpu() for key, value in gathered.items()}


def set_random_states(states: dict[str, Tensor]) -> None:
    """Set them again, each process its own.

    Raises
    ------
    CheckpointError
        They are of another number of processes.
    """
    found, expected = states["torch"].shape[0], idist.get_world_size()
    if found != expected:
        raise CheckpointError(f"the checkpoint was written by {found} processes, this run has {expected}")
    mine = {key: value[idist.get_rank()] for key, value in states.items()}
    *keys, position, has_gauss = mine["numpy"].tolist()
    np.random.set_state(("MT19937", np.array(keys, np.uint32), position, has_gauss, float(mine["numpy_gauss"])))
    gauss = float(mine["python_gauss"])
    random.setstate((3, tuple(mine["python"].tolist()), None if np.isnan(gauss) else gauss))
    torch.set_rng_state(mine["torch"].to(torch.uint8))
    if "cuda" in mine and _on_cuda():
        torch.cuda.set_rng_state(mine["cuda"].to(torch.uint8))


def _on_cuda() -> bool:
    """Say whether this process computes on a GPU; asking a GPU that it does not use for its state would start it."""
    return bool(torch.cuda.is_initialized())  # type: ignore[no-untyped-call]
