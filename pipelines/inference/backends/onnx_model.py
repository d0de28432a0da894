"""A network as an ONNX model."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn
from torch.export import Dim

from ..for_inference import for_inference
from .optional_package import optional_package

INPUT, OUTPUT = "image", "packed"
_BATCH = 2
"""Of the images that are traced: one image would fix the batch to one."""
_LEAST_STRIDES = 2
"""Least length of an axis in strides, while tracing: one would fix the axis to one."""


def onnx_model(network: nn.Module, image_shape: Sequence[int], *, stride: int | None) -> Any:
    """Export a network, made ready for inference, as an ``onnx.ModelProto``.

    The batch is as large as one likes. So are the other axes, in steps of ``stride``; where that is None they are those
    of ``image_shape``. Tracing with free axes takes about half a minute of one core.

    Parameters
    ----------
    image_shape : of one image, ``(c, d, h, w)`` or ``(c, h, w)``.

    Raises
    ------
    UsageError
        A package for the export is not installed.
    """
    for package in ("onnx", "onnxscript"):
        optional_package(package, needed_for="The export to ONNX")
    ready = for_inference(network).cpu()
    shape = image_shape if stride is None else (image_shape[0], *_distinct(len(image_shape) - 1, stride))
    with _quiet(), torch.no_grad():
        exported = torch.export.export(
            ready, (torch.rand(_BATCH, *shape),), dynamic_shapes=(_axes(len(shape) - 1, stride),)
        )
        program = torch.onnx.export(
            exported, dynamo=True, input_names=[INPUT], output_names=[OUTPUT], optimize=False, verbose=False
        )
    assert program is not None
    return program.model_proto


def _distinct(axes: int, stride: int) -> Iterator[int]:
    """Axes of unlike lengths, so that none is taken for another."""
    return ((_LEAST_STRIDES + n) * stride for n in range(axes))


def _axes(axes: int, stride: int | None) -> dict[int, Any]:
    batch = {0: Dim("batch")}
    return batch if stride is None else batch | {n + 2: stride * Dim(f"n{n}") for n in range(axes)}


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep back what the exporter says of its own parts: deprecations inside torch, packages that it need not have."""
    said = logging.getLogger("torch.onnx")
    level = said.level
    said.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            warnings.simplefilter("ignore", DeprecationWarning)
            yield
    finally:
        said.setLevel(level)
