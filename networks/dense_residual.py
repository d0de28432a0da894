"""A residual block of dense layers."""

from __future__ import annotations

from torch import Tensor, nn


class DenseResidual(nn.Module):
    """Pre-activation residual block (He et al. 2016b, fig. 4e) of two dense layers: ``(b, width)`` -> ``(b, width)``.

    Layer norm, not batch norm: one patch may be a batch.
    """

    def __init__(self, width: int, *, dropout: float) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.LayerNorm(width),
            nn.ReLU(),
            nn.Linear(width, width),
            nn.LayerNorm(width),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(width, width),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Return the transformed features."""
        y: Tensor = self.layers(x)
        return x + y
