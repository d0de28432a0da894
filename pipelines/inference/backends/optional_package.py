"""Packages that only some calls need."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from ..usage_error import UsageError


def optional_package(name: str, *, needed_for: str, extra: str = "backends") -> Any:
    """Import a package, or say which extra of this one brings it.

    Raises
    ------
    UsageError
        It is not installed.
    """
    try:
        return import_module(name)
    except ModuleNotFoundError:
        raise UsageError(f'{needed_for} needs the package {name}: pip install "resmtnet[{extra}]".') from None
