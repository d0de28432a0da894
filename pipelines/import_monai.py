"""MONAI, without what it imports on the side."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

_UNWANTED = ("mlflow", "requests")
_SHARDED = "torch.distributed.optim"


def import_monai() -> None:
    """Import MONAI's handlers and bundles; call it before whatever else imports them.

    MONAI imports MLflow and an HTTP client where they are installed, used or not: seconds of start, a socket, and
    telemetry. While MONAI is imported here it finds none; our own handler imports MLflow where it is asked for.
    Ignite's checkpoints import torch's optimisers for sharded training, a third of the start's core-seconds, to ask
    whether an optimiser is one of them; a stand-in answers that.
    """
    if "monai.handlers" in sys.modules:
        return
    modules: dict[str, Any] = sys.modules
    hidden = [name for name in _UNWANTED if name not in modules]
    modules |= dict.fromkeys(hidden)  # None: import says that there is no such module
    if _SHARDED not in modules:
        modules[_SHARDED] = _stand_in()
        hidden.append(_SHARDED)
    try:
        import monai.bundle
        import monai.handlers  # noqa: F401
    finally:
        for name in hidden:
            del modules[name]


def _stand_in() -> ModuleType:
    module = ModuleType(_SHARDED)
    vars(module)["ZeroRedundancyOptimizer"] = _ZeroRedundancyOptimizer
    return module


class _WhereImported(type):
    def __instancecheck__(cls, instance: object) -> bool:
        """Ask torch's module if it has been imported by now: without it there is no instance."""
        real: Any = getattr(sys.modules.get(_SHARDED), "ZeroRedundancyOptimizer", cls)
        return real is not cls and isinstance(instance, real)


class _ZeroRedundancyOptimizer(metaclass=_WhereImported):
    pass
