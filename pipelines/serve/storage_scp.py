"""Receive CT objects by C-STORE."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ..inference.usage_error import UsageError
from ..ingest.header.transfer_syntaxes import TRANSFER_SYNTAXES
from ..ingest.ingest_error import IngestError
from ..name_fault import name_fault
from .bounded_connection import bound_connection, object_came
from .inbox import CT_CLASSES, Inbox
from .serve_config import Receive
from .serve_log import LOG
from .tls_context import server_context

if TYPE_CHECKING:
    from pynetdicom.events import Event

# DICOM PS3.7 C.5 and PS3.4 B.2.3
_SUCCESS = 0x0000
_OUT_OF_RESOURCES = 0xA700
_NOT_THIS_CLASS = 0xA900
_CANNOT_UNDERSTAND = 0xC000
_PROCESSING_FAILURE = 0x0110
_FULL = (errno.ENOSPC, errno.EDQUOT)
_VERIFICATION = "1.2.840.10008.1.1"


@contextmanager
def storage_scp(receive: Receive, inbox: Inbox) -> Iterator[None]:
    """Listen while the block lasts: C-ECHO, and C-STORE of CT into the inbox, from the AE titles that are allowed.

    Other SOP classes are not negotiated: a sender learns that its reports and segmentations are not held here.

    Raises
    ------
    UsageError
        The address cannot be bound, or the files of TLS cannot be used.
    """
    from pynetdicom import AE, evt

    entity = AE(ae_title=receive.ae_title)
    entity.require_called_aet = True
    entity.require_calling_aet = list(receive.calling_ae_titles)
    entity.add_supported_context(_VERIFICATION)
    for sop_class in sorted(CT_CLASSES):
        entity.add_supported_context(sop_class, list(TRANSFER_SYNTAXES))
    handlers = [
        (evt.EVT_CONN_OPEN, bound_connection),
        (evt.EVT_C_STORE, lambda event: _store(event, inbox)),
        (evt.EVT_REJECTED, lambda event: LOG.warning("an association was refused")),
    ]
    try:
        context = None if receive.tls is None else server_context(receive.tls)
        server = entity.start_server(
            (receive.host, receive.port),
            block=False,
            ssl_context=context,
            evt_handlers=handlers,  # type: ignore[arg-type]  # its list is invariant
        )
    except OSError as error:  # ssl.SSLError is one
        cause = error.strerror or type(error).__name__
        raise UsageError(f"receive: cannot listen on port {receive.port} ({cause}).") from None
    try:
        yield
    finally:
        entity.shutdown()
        if server is not None:
            server.server_close()


def _store(event: Event, inbox: Inbox) -> int:
    object_came(event)
    try:
        return _SUCCESS if inbox.put(event.encoded_dataset()) else _NOT_THIS_CLASS
    except IngestError as error:
        LOG.warning("an object was refused: %s", error.code)
        return _CANNOT_UNDERSTAND
    except OSError as error:
        full = error.errno in _FULL
        LOG.error("an object was refused: %s", "the disk is full" if full else name_fault(error))
        return _OUT_OF_RESOURCES if full else _PROCESSING_FAILURE
    except Exception as error:  # noqa: BLE001 - pynetdicom would log what it quotes
        LOG.error("an object was refused: %s", name_fault(error))
        return _PROCESSING_FAILURE
