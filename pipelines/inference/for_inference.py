"""A network made ready for inference."""

from __future__ import annotations

from copy import deepcopy
from itertools import pairwise

import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval


def for_inference(network: nn.Module) -> nn.Module:
    """Return a copy in evaluation mode, batch norm folded into the convolutions, weights in channels-last order.

    Same answer, less memory traffic. A batch norm is folded where it directly follows a convolution among the children
    of one module, which in :mod:`resmtnet.networks` is the order they run in. Batch norms that follow something else
    stay as they are.
    """
    ready = deepcopy(network).eval()
    for module in list(ready.modules()):
        _fold_children(module)
    return ready.to(memory_format=torch.channels_last_3d)  # type: ignore[call-overload, no-any-return]


def _fold_children(module: nn.Module) -> None:
    for (conv_name, conv), (norm_name, norm) in pairwise(list(module.named_children())):
        if isinstance(conv, nn.Conv3d) and isinstance(norm, nn.BatchNorm3d):
            setattr(module, conv_name, fuse_conv_bn_eval(conv, norm))
            setattr(module, norm_name, nn.Identity())
