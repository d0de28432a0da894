"""Weights that were trained on ImageNet, from a user's own file."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor

from .emtnet import EMTNet
from .mobilenet_v2 import MobileNetV2

_WHAT_TO_DO = "Give the state dict of torchvision's mobilenet_v2, as torch.save writes it, and a network of 3 channels."
_COUNTER = "num_batches_tracked"  # of a batch norm: no file from before 2018 has it, and no answer depends on it


def load_imagenet(network: MobileNetV2 | EMTNet, path: str | Path | None) -> None:
    """Load the convolutions of a torchvision MobileNetV2 file into ``features``; None leaves the network as it is.

    The file's ``classifier.*`` is of no use here and ignored. The head keeps its weights. Nothing is downloaded.

    Raises
    ------
    ValueError
        There is no such file, it holds no state dict of plain tensors, or that of another network.
    """
    if path is None:
        return
    stored = _read(Path(path))
    prefix = "features."
    found = {key.removeprefix(prefix): value for key, value in stored.items() if key.startswith(prefix)}
    expected = network.features.state_dict()
    others = [key for key in stored if not key.startswith((prefix, "classifier."))]
    faults = [f"{key} is not of it" for key in others]
    faults += [f"{prefix}{key} is not of it" for key in found if key not in expected]
    faults += [f"{prefix}{key} is missing" for key in expected if key not in found and not key.endswith(_COUNTER)]
    faults += [
        f"{prefix}{key} has shape {tuple(value.shape)}, expected {tuple(expected[key].shape)}"
        for key, value in found.items()
        if key in expected and value.shape != expected[key].shape
    ]
    if faults:
        raise ValueError(
            f"{Path(path).name} does not hold the weights of MobileNetV2: of {len(stored)} tensors and {len(expected)} "
            f"expected ones, {len(faults)} do not fit, first {faults[0]}. {_WHAT_TO_DO}"
        )
    network.features.load_state_dict(expected | found)


def _read(path: Path) -> dict[str, Tensor]:
    if not path.is_file():
        raise ValueError(f"There is no file {path.name}. {_WHAT_TO_DO}")
    try:
        stored = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # what bytes that are no weights lead to is not foreseen: struct.error, for one
        raise ValueError(f"{path.name} cannot be read as plain tensors. {_WHAT_TO_DO}") from error
    if not (isinstance(stored, dict) and stored and all(isinstance(value, Tensor) for value in stored.values())):
        kinds = sorted({type(v).__name__ for v in stored.values()}) if isinstance(stored, dict) else []
        found = f"a {type(stored).__name__}" + (f" of {', '.join(kinds)}" if kinds else "")
        raise ValueError(f"{path.name} holds {found}, expected a dict of tensors. {_WHAT_TO_DO}")
    return {str(key): value for key, value in stored.items()}
