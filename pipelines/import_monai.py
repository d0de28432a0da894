"""MONAI, without what it imports on the side."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from importlib import import_module
from types import ModuleType
from typing import Any

_UNWANTED = ("mlflow", "requests")
_LATER = ("scipy.signal", "torch.utils.tensorboard")
_SHARDED = "torch.distributed.optim"
TORCH_ENVIRONMENT = {
    "OMP_WAIT_POLICY": "PASSIVE",  # threads of torch that wait leave their cores to reading
    "THP_MEM_ALLOC_ENABLE": "1",  # large tensors in huge pages: fresh memory comes in fewer faults
}
"""How torch runs on a CPU; read by it when it is imported, and left as the user has set it."""


def import_monai() -> None:
    """Import MONAI's handlers and bundles; call it before whatever else imports them.

    MONAI imports MLflow and an HTTP client where they are installed, used or not: seconds of start, a socket, and
    telemetry. While MONAI is imported here it finds none; our own handler imports MLflow where it is asked for.
    Signal processing and TensorBoard are imported when MONAI first calls them. Ignite's checkpoints import torch's
    optimisers for sharded training to ask whether an optimiser is one of them; a stand-in answers that. Together they
    would take seconds more.
    """
    if "monai.handlers" in sys.modules:
        return
    for name, value in TORCH_ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    modules: dict[str, Any] = sys.modules
    stand_ins = {**dict.fromkeys(_UNWANTED), **{name: _Later(name) for name in _LATER}, _SHARDED: _sharded()}
    put_in = {name: module for name, module in stand_ins.items() if name not in modules}
    modules |= put_in  # None: import says that there is no such module
    try:
        import monai.bundle
        import monai.handlers  # noqa: F401
    finally:
        for name, module in put_in.items():
            if modules.get(name) is module:
                del modules[name]


class _Later(ModuleType):
    """A module of functions, each of which is imported when it is called."""

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda *args, **kwargs: getattr(import_module(self.__name__), name)(*args, **kwargs)


def _sharded() -> ModuleType:
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
