from __future__ import annotations

import pytest
import torch
from torch import nn

from resmtnet.pipelines.inference.backends.compiled_network import CompiledNetwork
from resmtnet.pipelines.inference.usage_error import UsageError

TOLERANCE = 1e-5  # of float32 sums of 54 products near 1 in another order


def test_it_says_what_the_network_says_whatever_the_shape():
    try:
        compiled = CompiledNetwork(nn.Conv3d(2, 3, 3, padding=1, stride=2).eval(), stride=4)
        compiled.warm_up((2, 8, 8, 8), torch.device("cpu"), torch.float32)
    except UsageError as error:
        pytest.skip(str(error))
    for shape in ((1, 2, 8, 12, 16), (1, 2, 16, 8, 8), (3, 2, 8, 8, 8)):
        image = torch.rand(shape)
        with torch.no_grad():
            torch.testing.assert_close(compiled(image), compiled._orig_mod(image), rtol=0, atol=TOLERANCE)


def test_no_compiler_is_a_fault_of_the_call(monkeypatch):
    monkeypatch.setenv("CXX", "no-such-compiler")
    with pytest.raises(UsageError, match=r"C\+\+ compiler"):
        CompiledNetwork(nn.Conv3d(1, 1, 1), stride=None)
