"""ONNX Runtime."""

from __future__ import annotations

import torch

from ..usage_error import UsageError
from .optional_package import optional_package
from .runtime_network import Compute, FloatArray, RuntimeNetwork

_ON_CUDA = {"cudnn_conv_algo_search": "HEURISTIC", "arena_extend_strategy": "kSameAsRequested"}
"""The default tries every algorithm anew for each shape, and each scan has a shape of its own."""


def onnx_runtime(model: bytes, device: torch.device) -> RuntimeNetwork:
    """Let ONNX Runtime compute an ONNX model, in float32, on as many threads as torch has.

    Raises
    ------
    UsageError
        It is not installed, or cannot compute on the device.
    """
    runtime = optional_package("onnxruntime", needed_for="The backend onnx")
    providers: list[object] = ["CPUExecutionProvider"]
    if device.type != "cpu":
        if device.type != "cuda" or "CUDAExecutionProvider" not in runtime.get_available_providers():
            raise UsageError(
                f"ONNX Runtime cannot compute on {device} here (on a GPU it needs the package onnxruntime-gpu). "
                "Give --device cpu, or another backend."
            )
        providers = [("CUDAExecutionProvider", _ON_CUDA | {"device_id": device.index or 0}), *providers]
    options = runtime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    options.log_severity_level = 3  # errors; warnings are about the graph, not about what it computes
    options.enable_cpu_mem_arena = False  # it would keep the memory of the largest region
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # threads that wait leave their cores
    session = runtime.InferenceSession(model, options, providers=providers)
    if device.type == "cuda" and "CUDAExecutionProvider" not in session.get_providers():
        raise UsageError(f"ONNX Runtime cannot load what it needs to compute on {device}. Give --device cpu.")
    name = session.get_inputs()[0].name

    def compute(images: FloatArray) -> FloatArray:
        answer: FloatArray = session.run(None, {name: images})[0]
        return answer

    computed: Compute = compute
    return RuntimeNetwork(computed)
