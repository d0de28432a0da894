"""Which engine computes the network of a bundle."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import nn

from ..precision import inference_dtype
from ..usage_error import UsageError
from .compiled_network import CompiledNetwork
from .onnx_file import read_onnx
from .onnx_model import onnx_model
from .onnx_runtime import onnx_runtime
from .openvino_runtime import openvino_runtime
from .runtime_network import RuntimeNetwork

BACKENDS = ("torch", "torch-compile", "onnx", "openvino")


class Runtime:
    """Make the network of a bundle ready for one of the :data:`BACKENDS`.

    ``onnx`` and ``openvino`` take the bundle's ``models/model.onnx`` where it is there, and export the network where it
    is not, which takes about half a minute of one core; see :mod:`.write_onnx`.

    Parameters
    ----------
    backend : one of them.
    image_shape : of one image, ``(c, d, h, w)`` or ``(c, h, w)``.
    stride : the spatial axes may have any length that is a multiple of it; None: they are those of ``image_shape``.
    bundle_root : folder of the bundle that the weights are from; None: nothing was exported.

    Raises
    ------
    UsageError
        There is no such backend.
    """

    def __init__(
        self, backend: str, *, image_shape: Sequence[int], stride: int | None, bundle_root: str | Path | None = None
    ) -> None:
        if backend not in BACKENDS:
            raise UsageError(f"There is no backend {backend}. Give one of {', '.join(BACKENDS)}.")
        self.backend = backend
        self._image_shape, self._stride = tuple(image_shape), stride
        self._models = None if bundle_root is None else Path(str(bundle_root)) / "models"

    def network(self, ready: nn.Module, device: torch.device, precision: str) -> nn.Module:
        """Return what computes a network that was made ready for inference.

        Parameters
        ----------
        precision : auto, float32 or bfloat16; ONNX Runtime knows float32 only.

        Raises
        ------
        UsageError
            A package, a compiler or the device is missing, or the exported network is of other weights.
        """
        dtype = inference_dtype(precision, device)
        if self.backend == "onnx":
            if precision == "bfloat16":
                raise UsageError("The backend onnx computes in float32. Give precision auto or float32.")
            return onnx_runtime(self._exported(ready), device)
        if self.backend == "openvino":
            return openvino_runtime(self._exported(ready), device, str(dtype).removeprefix("torch."))
        if self.backend == "torch-compile":
            compiled = CompiledNetwork(ready, stride=self._stride)
            compiled.warm_up(self._image_shape, device, dtype)
            return compiled
        return ready

    def _exported(self, ready: nn.Module) -> bytes:
        if self._models is not None and (self._models / "model.onnx").is_file():
            return read_onnx(self._models / "model.onnx", self._models / "model.pt")
        content: bytes = onnx_model(ready, self._image_shape, stride=self._stride).SerializeToString()
        return content


def precision_of(network: nn.Module, precision: str, device: torch.device) -> str:
    """Say what a network computes in, ``float32`` or ``bfloat16``, where the inferer's setting is ``precision``."""
    if isinstance(network, RuntimeNetwork):
        return network.precision
    return str(inference_dtype(precision, device)).removeprefix("torch.")
