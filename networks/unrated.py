"""The network of nodules without its rating head."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from .packing import pack
from .resmtnet import ResMTNet

_SLAB = 12
"""Planes of stride 4 (48 slices): of a lung box, 25 MB per map, which C's allocator and a processor's cache still keep."""
_HALO = 1
"""Planes of stride 4 on either side: one 3x3x3 convolution at stride 2 sees half a plane beyond its slab."""


class Unrated(nn.Module):
    """Presence, boxes and masks of a :class:`.ResMTNet`, with zeros where its ratings would be; the weights are shared.

    Over a whole scan nothing is rated that is not looked at closely afterwards. The maps of the decoder at stride 2, the
    largest of all, are made slab by slab along k and reduced to the mask at once: the same values, in less memory.

    ``forward``: as that of the network.
    """

    def __init__(self, network: ResMTNet) -> None:
        super().__init__()
        self.network = network

    def forward(self, image: Tensor) -> Tensor:
        """Return all maps in one tensor."""
        network = self.network
        x2, x4, x8, x16 = network.encoder(image)
        coarse = network.decoder.coarse(x4, x8, x16)
        planes = range(0, coarse.shape[2], _SLAB)
        mask2 = torch.cat([self._mask(x2, coarse, first) for first in planes], dim=2)
        return pack(network.heads.from_mask(coarse, mask2, False))

    def _mask(self, x2: Tensor, coarse: Tensor, first: int) -> Tensor:
        """Mask logits ``(b, 8, d/2, ...)`` of the slab that starts at this plane of stride 4."""
        start, stop = max(first - _HALO, 0), min(first + _SLAB, coarse.shape[2])
        fine = self.network.decoder.fine(x2[:, :, 2 * start : 2 * (stop + _HALO)], coarse[:, :, start : stop + _HALO])
        mask2: Tensor = self.network.heads.mask(fine)
        return mask2[:, :, 2 * (first - start) : 2 * (stop - start)]
