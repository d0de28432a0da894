"""Libraries that print what they find are silenced at the source: their warnings carry patient values."""

from __future__ import annotations

import contextlib
import logging
import threading
import warnings
from collections.abc import Iterator

_LOGGERS = ("pydicom", "nibabel", "nibabel.global", "pylibjpeg", "openjpeg", "jpeg_ls")
_lock = threading.Lock()
_active = 0
_undo = contextlib.ExitStack()


@contextlib.contextmanager
def quiet_readers() -> Iterator[None]:
    """Silence the readers' loggers and warnings; nests, and may be used from several threads at once."""
    global _active, _undo
    with _lock:
        if _active == 0:
            _undo = _silence()
        _active += 1
    try:
        yield
    finally:
        with _lock:
            _active -= 1
            if _active == 0:
                _undo.close()


def _silence() -> contextlib.ExitStack:
    undo = contextlib.ExitStack()
    undo.enter_context(warnings.catch_warnings())
    warnings.filterwarnings("ignore", module=r"(pydicom|nibabel|pylibjpeg|openjpeg|SimpleITK)(\.|$)")
    for name in _LOGGERS:
        logger = logging.getLogger(name)
        undo.callback(logger.setLevel, logger.level)
        logger.setLevel(logging.CRITICAL + 1)
    return undo
