"""The network of nodules without its rating head."""

from __future__ import annotations

from torch import Tensor, nn

from .resmtnet import ResMTNet


class Unrated(nn.Module):
    """Presence, boxes and masks of a :class:`.ResMTNet`, with zeros where its ratings would be; the weights are shared.

    Over a whole scan nothing is rated that is not looked at closely afterwards.

    ``forward``: as that of the network.
    """

    def __init__(self, network: ResMTNet) -> None:
        super().__init__()
        self.network = network

    def forward(self, image: Tensor) -> Tensor:
        """Return all maps in one tensor."""
        packed: Tensor = self.network(image, False)
        return packed
