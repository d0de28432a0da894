"""What the service says while it works: no identities, no paths, no values of a scan."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable
from typing import TypeVar

from ..name_fault import name_fault
from ..quiet_readers import quiet_readers
from .keyed_name import SHOWN_CHARS

LOG = logging.getLogger("resmtnet.serve")
"""The service's own logger; nothing else of this process may write."""

# they log UIDs, addresses with UIDs, and whole data sets
_TALKATIVE = ("pynetdicom", "dicomweb_client", "urllib3", "requests")

Result = TypeVar("Result")


def start_log() -> None:
    """Write our lines to stderr and silence the libraries."""
    quiet_readers()
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    formatter = logging.Formatter("%(asctime)sZ %(levelname)s %(message)s", "%Y-%m-%dT%H:%M:%S")
    formatter.converter = time.gmtime
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    LOG.handlers = [handler]
    LOG.propagate = False
    LOG.setLevel(logging.INFO)


def log_study(name: str, text: str, *, level: int = logging.INFO) -> None:
    """Write a line about a study."""
    LOG.log(level, "study %s: %s", name[:SHOWN_CHARS], text)


def without_fault(what: str, step: Callable[[], Result], otherwise: Result) -> Result:
    """Do a step; what it raises is logged by type and place, and nothing stops."""
    try:
        return step()
    except Exception as error:  # noqa: BLE001 - one odd study, a full disk or a server that is down never stops the rest
        LOG.error("%s: %s", what, name_fault(error))
        return otherwise
