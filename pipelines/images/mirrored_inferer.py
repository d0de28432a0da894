""":func:`mirrored` in the form that MONAI's evaluators call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from monai.inferers.inferer import Inferer
from torch import Tensor

from .mirrored import mirrored


class MirroredInferer(Inferer):  # type: ignore[misc]  # MONAI ships no types
    """Average over ``mirrors`` (1 or 2) looks at each image."""

    def __init__(self, mirrors: int = 2) -> None:
        super().__init__()
        self.mirrors = int(mirrors)

    def __call__(self, inputs: Tensor, network: Callable[..., Tensor], *args: Any, **kwargs: Any) -> Tensor:
        """Return the mean output; see :func:`mirrored`."""
        return mirrored(lambda images: network(images, *args, **kwargs), inputs, mirrors=self.mirrors)
