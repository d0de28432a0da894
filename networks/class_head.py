"""From pooled features to the classes."""

from __future__ import annotations

from torch import nn


class ClassHead(nn.Sequential):
    """Dense, ReLU, dropout, dense: ``(b, in_features)`` -> logits ``(b, classes)``."""

    def __init__(self, in_features: int, classes: int, *, hidden: int, dropout: float) -> None:
        super().__init__(
            nn.Linear(in_features, hidden), nn.ReLU(inplace=True), nn.Dropout(dropout), nn.Linear(hidden, classes)
        )
