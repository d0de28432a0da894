"""TLS of DICOM associations (DICOM PS3.15 B.12)."""

from __future__ import annotations

import socket
import ssl
from typing import Any

from .serve_config import Tls

_HANDSHAKE_S = 10.0


def server_context(tls: Tls) -> ssl.SSLContext:
    """Make the context of who is called; with ``ca`` the caller must show a certificate signed by it."""
    context = _ServerContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if tls.certificate is not None:
        context.load_cert_chain(tls.certificate, tls.key)
    if tls.ca is not None:
        context.load_verify_locations(tls.ca)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def client_context(tls: Tls) -> ssl.SSLContext:
    """Make the context of who calls; the other side's certificate and host name are always verified."""
    context = ssl.create_default_context(cafile=tls.ca)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if tls.certificate is not None:
        context.load_cert_chain(tls.certificate, tls.key)
    return context


class _ServerContext(ssl.SSLContext):
    """A context whose handshake has a limit: pynetdicom hears nobody else until it is over."""

    def wrap_socket(self, sock: socket.socket, *arguments: Any, **named: Any) -> ssl.SSLSocket:
        sock.settimeout(_HANDSHAKE_S)
        wrapped = super().wrap_socket(sock, *arguments, **named)
        wrapped.settimeout(None)
        return wrapped
