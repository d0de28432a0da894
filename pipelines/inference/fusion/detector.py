"""The bundle whose candidates are rated."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from torch import nn

from ...training.load_weights import load_weights
from ..bundle_root import bundle_root
from ..bundle_workflow import BundleWorkflow
from ..usage_error import UsageError


class Detector:
    """The parts of another bundle's inference config, with its weights.

    Building them runs what that config says: a bundle of this package, or one the user names.

    Parameters
    ----------
    bundle : its name, or folder.
    device : for its network.
    overrides : values of its config by id; None leaves one as it is.

    Raises
    ------
    UsageError
        There is no such bundle; or, when the network is asked for, it has no weights, or other ones.
    """

    def __init__(self, bundle: str, device: Any, overrides: Mapping[str, Any] | None = None) -> None:
        root = Path(bundle_root(bundle))
        self._name = root.name
        self._weights = root / "models" / "model.pt"
        chosen = {name: value for name, value in (overrides or {}).items() if value is not None}
        self._workflow = BundleWorkflow(root, {**chosen, "device": device})

    @property
    def preprocessing(self) -> Any:
        """What is done with a scan before its network."""
        return self._workflow.part("preprocessing")

    @property
    def inferer(self) -> Any:
        """How a scan goes through its network."""
        return self._workflow.part("inferer")

    @property
    def postprocessing(self) -> Any:
        """What is done with its network's output, up to findings."""
        return self._workflow.part("postprocessing")

    @property
    def runtime(self) -> Any:
        """What computes its network."""
        return self._workflow.part("runtime")

    @cached_property
    def network(self) -> nn.Module:
        """Its network, with its weights."""
        network: nn.Module = self._workflow.part("network")
        if not self._weights.is_file():
            raise UsageError(f"The detector's bundle {self._name} has no weights (models/model.pt).")
        try:
            load_weights(network, self._weights)
        except UsageError as error:
            raise UsageError(f"The detector's bundle {self._name}: {error}") from None
        return network

    @cached_property
    def weights_hash(self) -> str:
        """SHA-256 of the file of its weights."""
        return hashlib.sha256(self._weights.read_bytes()).hexdigest()
