"""ResMTNetFusion: two backbones, one shared residual stack, four answers about a patch."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from .backbones import densenet as build_densenet
from .backbones import efficientnet as build_efficientnet
from .dense_residual import DenseResidual
from .linked_heads import LinkedHeads


class ResMTNetFusion(nn.Module):
    """Say of a CT patch whether it holds a nodule, where, how large, and how malignant it looks.

    Our reading of a press summary of Res-MTNet (arXiv 2502.19692): DenseNet-161 and EfficientNet-B7, features combined,
    a shared layer, residual connections, heads for presence, location, size and malignancy. The paper's own text was
    not available, so nothing here claims to reproduce it. The default is the small pair; ``densenet161`` and
    ``efficientnet-b7`` are the paper's scale.

    ``forward``: ``(b, in_channels, h, w)``, h and w at least 32 -> ``(b, 10)``, see
    :mod:`resmtnet.networks.fusion_packing`.

    Parameters
    ----------
    in_channels : windows times planes of the patch.
    densenet, efficientnet : names of MONAI's networks.
    shared : width of the residual stack. 256 keeps the default network under 25 MB in half precision; 512 does not.
    blocks : residual blocks in it.
    dropout : share left out before and in the stack, in training.
    """

    def __init__(
        self,
        in_channels: int = 9,
        *,
        densenet: str = "densenet121",
        efficientnet: str = "efficientnet-b0",
        shared: int = 256,
        blocks: int = 2,
        dropout: float = 0.2,
    ) -> None:
        super().__init__()
        self.densenet, dense_width = build_densenet(densenet, in_channels)
        self.efficientnet, efficient_width = build_efficientnet(efficientnet, in_channels)
        self.shared = nn.Sequential(
            nn.Dropout(dropout),
            nn.Linear(dense_width + efficient_width, shared),
            *(DenseResidual(shared, dropout=dropout) for _ in range(blocks)),
        )
        self.heads = LinkedHeads(shared)

    def forward(self, patch: Tensor) -> Tensor:
        """Return the columns of all heads."""
        pooled = torch.cat([self.densenet(patch), self.efficientnet(patch)], dim=1)
        heads: Tensor = self.heads(self.shared(pooled))
        return heads
