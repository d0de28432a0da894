"""Which model a result came from."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping
from functools import cached_property
from importlib.metadata import version
from pathlib import Path

from .describe import describe

_PACKAGES = ("resmtnet", "torch", "monai", "pytorch-ignite", "numpy")


class ModelIdentity:
    """Hashes of what decides the findings of a scan; computed when first asked for.

    Device, and the precision that ``auto`` comes to on it, are no part of them: they move a finding by rounding only.

    Parameters
    ----------
    parts : the network, the transforms before and after it and the inferer, as built from the config.
    weights : the file of the weights.
    """

    def __init__(self, parts: Mapping[str, object], weights: str | Path) -> None:
        self._parts = parts
        self._weights = Path(weights)

    @cached_property
    def config_hash(self) -> str:
        """SHA-256 of the parts' description, and of this package's version for the constants of its code; no paths."""
        content = {"resmtnet": version("resmtnet"), "parts": describe(self._parts)}
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()

    @cached_property
    def weights_hash(self) -> str:
        """SHA-256 of the file of the weights."""
        return hashlib.sha256(self._weights.read_bytes()).hexdigest()

    @cached_property
    def versions(self) -> dict[str, str]:
        """Versions of Python and of the packages that decide the result."""
        return {"python": platform.python_version(), **{package: version(package) for package in _PACKAGES}}
