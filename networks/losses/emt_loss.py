"""The loss of EMTNet: outline and class."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn

from ..split_emt import split_emt
from .class_loss import ClassLoss
from .lesion_loss import lesion_loss


class EmtLoss(nn.Module):
    """Weighted sum of :func:`lesion_loss` and :class:`ClassLoss` on packed tensors, each where its truth is known.

    ``forward``: network output ``(b, 1 + classes, h, w)`` and label ``(b, 2, h, w)`` -> scalar. The label's channel 0
    is the mask in [0, 1] (below 0 at every pixel: unknown), channel 1 the number of the class at every pixel (below 0:
    unknown).

    Parameters
    ----------
    classes, positive, q, label_smoothing, class_weights : of :class:`ClassLoss`.
    mask, label : weights of the tasks, 0 to leave one out.

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
        mask: float = 1.0,
        label: float = 1.0,
        label_smoothing: float = 0.0,
        class_weights: Sequence[float] | None = None,
    ) -> None:
        super().__init__()
        self.weights = {"mask": mask, "label": label}
        if not all(weight >= 0 for weight in self.weights.values()):
            raise ValueError(f"task weights must not be negative, found {self.weights}")
        self.class_loss = ClassLoss(
            classes, positive, q=q, label_smoothing=label_smoothing, class_weights=class_weights
        )

    def parts(self, packed: Tensor, label: Tensor) -> dict[str, Tensor]:
        """Return the unweighted loss of each task."""
        mask_logits, class_logits = split_emt(packed.float())
        number = label[:, 1, 0, 0].round()
        return {"mask": lesion_loss(mask_logits, label[:, :1]), "label": self.class_loss(class_logits, number)}

    def forward(self, packed: Tensor, label: Tensor) -> Tensor:
        """Return the weighted sum."""
        parts = self.parts(packed, label)
        return self.weights["mask"] * parts["mask"] + self.weights["label"] * parts["label"]
