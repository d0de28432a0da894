"""Start from weights instead of from chance."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import nn

from ..inference.usage_error import UsageError


def load_weights(network: nn.Module, path: str | Path | None) -> None:
    """Load the weights that a bundle keeps (``models/model.pt``) into a network; None leaves it as it is.

    Raises
    ------
    UsageError
        There is no such file, it holds no weights, or those of another network.
    """
    if path is None:
        return
    file = Path(path)
    if not file.is_file():
        raise UsageError(
            f"There is no file of weights {file.name}. Give the model.pt of a training, or none to start from chance."
        )
    try:
        stored = torch.load(file, map_location="cpu", weights_only=True)
        network.load_state_dict(stored.get("model", stored))
    except Exception as error:  # what bytes that are no weights lead to is not foreseen: struct.error, for one
        raise UsageError(
            f"{file.name} does not hold weights of this network. Give the model.pt of a training with the same "
            "network_def."
        ) from error
