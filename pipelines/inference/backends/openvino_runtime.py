"""OpenVINO."""

from __future__ import annotations

import torch

from ..usage_error import UsageError
from .optional_package import optional_package
from .runtime_network import FloatArray, RuntimeNetwork

_PRECISIONS = {"float32": "f32", "bfloat16": "bf16"}


def openvino_runtime(model: bytes, device: torch.device, precision: str) -> RuntimeNetwork:
    """Let OpenVINO compute an ONNX model on the CPU, on as many threads as torch has.

    The model is read as ONNX, not converted from torch: OpenVINO's converter comes with telemetry.

    Parameters
    ----------
    precision : float32 or bfloat16.

    Raises
    ------
    UsageError
        It is not installed, or the device is not the CPU.
    """
    openvino = optional_package("openvino", needed_for="The backend openvino")
    if device.type != "cpu":
        raise UsageError("The backend openvino computes on the CPU. Give --device cpu, or another backend.")
    settings = {
        "INFERENCE_PRECISION_HINT": _PRECISIONS[precision],
        "INFERENCE_NUM_THREADS": torch.get_num_threads(),
        "NUM_STREAMS": 1,
        "ENABLE_CPU_PINNING": False,  # several processes of one machine would be pinned to the same cores
    }
    core = openvino.Core()
    compiled = core.compile_model(core.read_model(model), "CPU", settings)

    def compute(images: FloatArray) -> FloatArray:
        request = compiled.create_infer_request()  # one that is kept keeps the memory of the largest region
        answer: FloatArray = request.infer([images], share_inputs=True)[0]
        return answer.copy()

    return RuntimeNetwork(compute, precision)
