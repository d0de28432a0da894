"""MONAI, without what it imports on the side."""

from __future__ import annotations

import sys
from typing import Any

_UNWANTED = ("mlflow", "requests")


def import_monai() -> None:
    """Import MONAI's handlers and bundles; call it before whatever else imports them.

    MONAI imports MLflow and an HTTP client where they are installed, used or not: seconds of start, a socket, and
    telemetry. While MONAI is imported here it finds none; our own handler imports MLflow where it is asked for.
    """
    if "monai.handlers" in sys.modules:
        return
    modules: dict[str, Any] = sys.modules
    hidden = [name for name in _UNWANTED if name not in modules]
    modules |= dict.fromkeys(hidden)  # None: import says that there is no such module
    try:
        import monai.bundle
        import monai.handlers  # noqa: F401
    finally:
        for name in hidden:
            del modules[name]
