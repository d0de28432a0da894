"""What a metric of classes looks at."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor

from ....networks.split_emt import split_emt


def class_output(output: Mapping[str, Tensor]) -> tuple[Tensor, Tensor]:
    """Return class logits ``(b, classes)`` and class numbers ``(b,)`` of an engine's output, packed or plain."""
    pred, label = output["pred"], output["label"]
    return (pred, label) if label.ndim == 1 else (split_emt(pred)[1], label[:, 1, 0, 0].long())
