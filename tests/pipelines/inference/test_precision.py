from __future__ import annotations

import torch

from resmtnet.pipelines.inference.precision import inference_dtype


def test_what_is_asked_for_is_taken():
    assert inference_dtype("float32", torch.device("cpu")) is torch.float32
    assert inference_dtype("bfloat16", torch.device("cpu")) is torch.bfloat16


def test_auto_is_float32_where_nothing_is_known_of_bfloat16():
    assert inference_dtype("auto", torch.device("meta")) is torch.float32


def test_auto_takes_bfloat16_only_where_torch_sees_the_instructions():
    seen = torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
    assert (inference_dtype("auto", torch.device("cpu")) is torch.bfloat16) == seen
