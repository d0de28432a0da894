"""ResMTNet: one residual network that finds, boxes, outlines and rates lung nodules."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from .decoder import Decoder
from .encoder import Encoder
from .heads import Heads
from .packing import HeadMaps, pack


class ResMTNet(nn.Module):
    """Shared residual encoder, top-down decoder, four heads, one pass.

    Ours, in the spirit of Res-MTNet (arXiv 2502.19692: one shared feature extractor, residual connections for depth and
    between tasks, classification and regression heads). The paper's layers are not public to us, so nothing here claims
    to reproduce them.

    Why not MONAI's RetinaNet: 1,208 kFLOP per voxel, no masks, no ratings, and a dict output that fails MONAI's own
    ``verify_net_in_out``.

    ``forward``: image ``(b, in_channels, d, h, w)``, windowed to [0, 1], d, h, w divisible by 16 -> packed
    ``(b, 83, d/4, h/4, w/4)``, see :mod:`resmtnet.networks.packing`.

    Parameters
    ----------
    in_channels : HU windows of the image.
    widths, blocks : channels and residual blocks of the encoder at strides 2, 4, 8, 16.
    width, fine_width : channels of the decoder at stride 4 and 2.
    links : residual links between the tasks.
    """

    def __init__(
        self,
        in_channels: int = 2,
        *,
        widths: Sequence[int] = (24, 48, 96, 192),
        blocks: Sequence[int] = (1, 2, 2, 2),
        width: int = 64,
        fine_width: int = 32,
        links: bool = True,
    ) -> None:
        super().__init__()
        self.encoder = Encoder(in_channels, widths, blocks)
        self.decoder = Decoder(widths, width=width, fine_width=fine_width)
        self.heads = Heads(width=width, fine_width=fine_width, links=links)

    def forward_maps(self, image: Tensor, rate: bool = True) -> HeadMaps:
        """Return the maps of the heads, unpacked; with zeros for ratings where ``rate`` is False.

        Without ratings, which is how a whole scan is looked at, the decoder's maps at stride 2, the largest of all, are
        made slab by slab and reduced to the mask at once: the same values, in less memory. In training they are not:
        batch norm would see slabs.
        """
        x2, x4, x8, x16 = self.encoder(image)
        coarse = self.decoder.coarse(x4, x8, x16)
        mask2 = self._mask(x2, coarse) if rate or self.training else self._mask_by_slabs(x2, coarse)
        maps: HeadMaps = self.heads(coarse, mask2, rate)
        return maps

    def forward(self, image: Tensor, rate: bool = True) -> Tensor:
        """Return all maps in one tensor."""
        return pack(self.forward_maps(image, rate))

    def _mask(self, x2: Tensor, coarse: Tensor) -> Tensor:
        mask2: Tensor = self.heads.mask(self.decoder.fine(x2, coarse))
        return mask2

    def _mask_by_slabs(self, x2: Tensor, coarse: Tensor, slab: int = 12) -> Tensor:
        """Go along k in slabs of so many planes of stride 4 (a parameter, since TorchScript reads no module constants).

        12 of them are 48 slices: 25 MB per map of a lung box, which an allocator, and nearly a processor's cache, keep.
        A 3x3x3 convolution at stride 2 sees half a plane beyond its slab; a whole one is shown.
        """
        parts: list[Tensor] = []
        for first in range(0, coarse.shape[2], slab):
            start, stop = max(first - 1, 0), min(first + slab, coarse.shape[2])
            mask2 = self._mask(x2[:, :, 2 * start : 2 * (stop + 1)], coarse[:, :, start : stop + 1])
            parts.append(mask2[:, :, 2 * (first - start) : 2 * (stop - start)])
        return torch.cat(parts, dim=2)
