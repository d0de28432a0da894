"""Send objects by C-STORE (DICOM PS3.4 annex B)."""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from .bounded_connection import bound_connection
from .send_error import SendError
from .serve_config import Node
from .tls_context import client_context

if TYPE_CHECKING:
    from pynetdicom.association import Association

_CONNECT_S = 10.0
_ANSWER_S = 120.0  # archives write an object before they answer
ALREADY_THERE = 0x0111
"""Duplicate SOP instance (PS3.7 C.5.7): the answer to an earlier sending was lost."""

_WARNINGS = 0xB000  # coercion of elements and the like: the object is stored (PS3.4 B.2.3)


def c_store(node: Node, files: Sequence[Path]) -> Iterator[Path]:
    """Store the files in one association, and give each that was accepted.

    Raises
    ------
    SendError
        There is no association, or, after the last, an object was not accepted.
    """
    import pydicom
    from pynetdicom import AE, evt
    from pynetdicom.presentation import build_context

    entity = AE(ae_title=node.calling_ae_title)
    entity.connection_timeout = _CONNECT_S
    entity.dimse_timeout = entity.network_timeout = _ANSWER_S
    metas = [pydicom.dcmread(file, specific_tags=["SOPClassUID"]).file_meta for file in files]
    kinds = {(meta.MediaStorageSOPClassUID, meta.TransferSyntaxUID) for meta in metas}
    try:
        tls = None if node.tls is None else (client_context(node.tls), node.host)
    except OSError as error:  # ssl.SSLError is one
        raise SendError(f"the files of TLS cannot be used ({type(error).__name__})") from None
    association = entity.associate(
        node.host,
        node.port,
        contexts=[build_context(*kind) for kind in sorted(kinds)],
        ae_title=node.ae_title,
        tls_args=tls,
        evt_handlers=[(evt.EVT_CONN_OPEN, bound_connection)],
    )
    try:
        if not _is_up(association):
            raise SendError("no association")
        refused: list[SendError] = []
        for file in files:
            try:
                _store(association, file)
            except SendError as error:
                refused.append(error)
                if not _is_up(association):
                    break
            else:
                yield file
        if refused:
            raise refused[0]
    finally:
        if _is_up(association):
            association.release()


def _is_up(association: Association) -> bool:
    return association.is_established


def _store(association: Association, file: Path) -> None:
    try:
        answer = association.send_c_store(file)
    except (ValueError, RuntimeError, ssl.SSLError) as error:  # no such presentation context was accepted; aborted
        raise SendError(f"C-STORE failed ({type(error).__name__})") from None
    if "Status" not in answer:
        raise SendError("C-STORE was not answered")
    if answer.Status not in (0, ALREADY_THERE) and answer.Status & 0xF000 != _WARNINGS:
        raise SendError(f"C-STORE was refused (status 0x{answer.Status:04X})")
