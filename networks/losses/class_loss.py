"""Cross-entropy over classes with a balance of sensitivity and specificity for one of them."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from .balanced_bce import balanced_bce


class ClassLoss(nn.Module):
    """Cross-entropy split in two questions: is it the positive class, and if not, which other class is it.

    The first is :func:`balanced_bce` of the positive class against the rest, with the logit
    ``m = z_positive - logsumexp(z_others)``; the second is the cross-entropy among the other classes, where the image
    is of one. With ``q = 1`` the sum is the cross-entropy of all classes, exactly; with two classes it is the balanced
    binary cross-entropy of EMT-NET (arXiv 2201.04795, our reading) for any ``q``.

    ``forward``: logits ``(b, classes)``, class numbers ``(b,)`` (below 0: unknown, counts nowhere) -> scalar, the mean
    over the images whose class is known; 0 if there is none.

    Parameters
    ----------
    classes : how many.
    positive : number of the class whose balance ``q`` sets: above 1 sensitive to it, below 1 specific.
    q : weight of the positive images.
    label_smoothing : share of each label that is spread evenly over all classes.
    class_weights : weight of the images of each class; None: all alike.

    Raises
    ------
    ValueError
        If a parameter is out of range.
    """

    def __init__(
        self,
        classes: int,
        positive: int,
        *,
        q: float = 1.0,
        label_smoothing: float = 0.0,
        class_weights: Sequence[float] | None = None,
    ) -> None:
        super().__init__()
        if classes < 2 or not 0 <= positive < classes:
            raise ValueError(f"need at least 2 classes and a positive one among them, found {classes} and {positive}")
        if not q > 0:
            raise ValueError(f"q must be above 0, found {q}")
        if not 0 <= label_smoothing < 1:
            raise ValueError(f"label_smoothing must be at least 0 and below 1, found {label_smoothing}")
        weights = [1.0] * classes if class_weights is None else [float(weight) for weight in class_weights]
        if len(weights) != classes or not all(weight >= 0 for weight in weights):
            raise ValueError(f"class_weights must be {classes} numbers, none below 0, found {weights}")
        self.classes, self.positive, self.q, self.label_smoothing = classes, positive, q, label_smoothing
        self.others = [c for c in range(classes) if c != positive]
        self.class_weights: Tensor
        self.register_buffer("class_weights", torch.tensor(weights), persistent=False)

    def parts(self, logits: Tensor, label: Tensor) -> dict[str, Tensor]:
        """Return the loss of the positive class against the rest, and that among the others; the loss is their sum."""
        logits, number = logits.float(), label.reshape(-1).long()
        known, number = number >= 0, number.clamp(min=0)
        target = torch.nn.functional.one_hot(number, self.classes).to(logits.dtype)
        target = (1 - self.label_smoothing) * target + self.label_smoothing / self.classes
        others = logits[:, self.others]
        margin = logits[:, self.positive] - others.logsumexp(dim=1)
        positive = balanced_bce(margin, target[:, self.positive], self.q)
        other = -(target[:, self.others] * others.log_softmax(dim=1)).sum(dim=1)
        weight = self.class_weights.to(logits)[number] * known
        total = weight.sum().clamp(min=torch.finfo(weight.dtype).tiny)
        return {"positive": (positive * weight).sum() / total, "others": (other * weight).sum() / total}

    def forward(self, logits: Tensor, label: Tensor) -> Tensor:
        """Return the mean loss."""
        parts = self.parts(logits, label)
        return parts["positive"] + parts["others"]
