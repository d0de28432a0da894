"""The bundle's own export to ONNX."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import nn

from ...results.atomic_write import atomic_write
from ...training.load_weights import load_weights
from ..for_inference import for_inference
from .onnx_file import tie
from .onnx_model import onnx_model
from .onnx_runtime import onnx_runtime

EXPORT_TOLERANCE = 1e-3
"""Of a logit: float32 sums in another order differ by 1e-5 after the layers of our networks; 1e-3 moves no probability
by more than 0.00025."""
_STEPS_MORE = 1
"""The check's image is longer by this many strides along each axis than the one that was traced, and alone."""


def write_onnx(
    network: nn.Module,
    weights: str | Path,
    path: str | Path,
    *,
    image_shape: Sequence[int],
    stride: int | None,
    tolerance: float = EXPORT_TOLERANCE,
) -> Path:
    """Export a network with its weights, check it against torch on a made image, and write it with the weights' hash.

    The check is by ONNX Runtime, in float32. An earlier file at ``path`` is removed first: where the export fails,
    there is none.

    Raises
    ------
    UsageError
        The weights are not there or of another network, or a package for the export is not installed.
    ValueError
        The exported network says something else than torch does.
    """
    target = Path(str(path))
    target.unlink(missing_ok=True)
    load_weights(network, weights)
    ready = for_inference(network).cpu()
    model = onnx_model(ready, image_shape, stride=stride)
    tie(model, Path(str(weights)))
    content = model.SerializeToString()
    _check(content, ready, image_shape, stride, tolerance)
    atomic_write(target, content)
    return target


def _check(content: bytes, ready: nn.Module, image_shape: Sequence[int], stride: int | None, tolerance: float) -> None:
    more = 0 if stride is None else _STEPS_MORE * stride
    shape = (1, image_shape[0], *(n + more for n in image_shape[1:]))
    image = torch.rand(shape, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        expected = ready(image)
    found = onnx_runtime(content, torch.device("cpu"))(image)
    if found.shape != expected.shape:
        raise ValueError(f"the exported network answers in shape {tuple(found.shape)}, torch {tuple(expected.shape)}")
    off = float((found - expected).abs().max())
    if not off <= tolerance:  # not finite: also off
        raise ValueError(f"the exported network differs from torch by {off:.2g}; at most {tolerance:.2g} is allowed")
