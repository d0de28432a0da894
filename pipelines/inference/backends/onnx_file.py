"""The exported network of a bundle, tied to its weights."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from ..usage_error import UsageError
from .optional_package import optional_package

WEIGHTS_KEY = "resmtnet_weights_sha256"
"""Key of ONNX metadata_props: SHA-256 of the file of weights that the model was exported from."""
_AGAIN = "Export it again (configs/export.yaml), or remove it."


def file_hash(path: Path) -> str:
    """SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def tie(model: Any, weights: Path) -> None:
    """Write into the model which weights it is made of."""
    entry = model.metadata_props.add()
    entry.key, entry.value = WEIGHTS_KEY, file_hash(weights)


def read_onnx(path: Path, weights: Path) -> bytes:
    """Read an exported network.

    Raises
    ------
    UsageError
        It cannot be parsed, or is not made of these weights, or does not say of which.
    """
    onnx = optional_package("onnx", needed_for="Reading an exported network")
    content = path.read_bytes()
    try:
        model = onnx.load_model_from_string(content)
    except Exception as error:  # protobuf's own exceptions differ from version to version
        raise UsageError(f"models/{path.name} is no ONNX model. {_AGAIN}") from error
    said = {entry.key: entry.value for entry in model.metadata_props}.get(WEIGHTS_KEY)
    if said is None:
        raise UsageError(f"models/{path.name} does not say which weights it was exported from. {_AGAIN}")
    if said != file_hash(weights):
        raise UsageError(f"models/{path.name} was exported from other weights than models/{weights.name}. {_AGAIN}")
    return content
