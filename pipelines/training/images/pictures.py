"""All pictures of a data set, in memory."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True, eq=False)
class Pictures:
    """Pictures of one size, and what is known of each.

    grey : float16 ``(n, 1, size, size)`` in [0, 1]: finer than 8 bits where tissue is dark; ``(n, 2, ...)`` with
        detail (:func:`resmtnet.transforms.square.square_with_detail`).
    masks : uint8 ``(n, 1, size, size)``, 0 to 255 for the share of a pixel that is lesion; None: not wanted.
    mask_known : whether a mask says where the lesion is; of each picture.
    labels, groups, folds : class number, patient or what stands for one, and fold; of each picture.
    classes : names of the class numbers.
    """

    grey: Tensor
    masks: Tensor | None
    mask_known: tuple[bool, ...]
    labels: tuple[int, ...]
    groups: tuple[str, ...]
    folds: tuple[int, ...]
    classes: tuple[str, ...]
