"""pydicom prints what it finds: it is silenced at the source, for its warnings carry patient values."""

from __future__ import annotations

import logging
import threading
import warnings
from typing import Any

_MODULES = r"pydicom(\.|$)"
_LOGGERS = ("pydicom",)
_lock = threading.Lock()
_first: list[Any] = []


def quiet_readers() -> None:
    """Silence pydicom's logger and warnings, in all threads and for as long as the process lives.

    Python keeps one list of warning filters for all threads, and ``catch_warnings`` (which imports of other libraries
    use) puts an earlier list back. So nothing is ever undone here: the filter is set when this module is imported, to
    be in that earlier list, and every call brings it to the front again.
    """
    global _first
    with _lock:
        if not _first or warnings.filters[:1] != _first:  # moving a filter takes it out for a moment
            warnings.filterwarnings("ignore", module=_MODULES)
            _first = list(warnings.filters[:1])
        for name in _LOGGERS:
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)


quiet_readers()
