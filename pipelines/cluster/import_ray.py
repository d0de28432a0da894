"""Ray, where it is installed."""

from __future__ import annotations

import os
import secrets
import sys
from typing import Any

from ..inference.usage_error import UsageError


def import_ray(*, alone: bool = False) -> Any:
    """Import Ray, which tells nobody that it is used.

    Parameters
    ----------
    alone : this machine is all there is: Ray is to listen on 127.0.0.1 only, and to those who know a token that is made
        here. Both hold for the rest of the process, and are without effect where it imported Ray before.

    Raises
    ------
    UsageError
        It is not installed.
    """
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    if alone and "ray" not in sys.modules:
        os.environ |= {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}
        # whatever the system; without it Ray turns 127.0.0.1 into the address that others see
        os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"
    try:
        import ray
    except ImportError:
        raise UsageError('--cluster needs Ray: pip install "resmtnet[cluster]"') from None
    return ray
