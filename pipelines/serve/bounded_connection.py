"""Bounds of a DICOM connection that pynetdicom does not set."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pynetdicom.events import Event

_SILENT_S = 60.0
"""A PDU that stands still for so long, coming or going, is given up."""

_MOST_PDU_BYTES = 2**20
"""Far above the 16 kB that we say we take, and a request for an association."""

_MOST_OBJECT_BYTES = 2**31
"""The largest CT objects (enhanced, thousands of frames) are below it; each is held in memory as it comes."""


class _BoundedRecv:
    """Reads as ``plain`` does, but not more than the bounds; an OSError ends the connection."""

    def __init__(self, plain: Callable[[int], bytearray]) -> None:
        self._plain = plain
        self._n_bytes = 0

    def __call__(self, n_bytes: int) -> bytearray:
        self._n_bytes += n_bytes
        if n_bytes > _MOST_PDU_BYTES or self._n_bytes > _MOST_OBJECT_BYTES:
            raise OSError("too long")
        return self._plain(n_bytes)

    def start_over(self) -> None:
        """Begin a new object."""
        self._n_bytes = 0


def bound_connection(event: Event) -> None:
    """Bound a connection that was opened (a handler of ``EVT_CONN_OPEN``).

    pynetdicom believes the 32-bit length that a PDU says it has (PS3.8 9.3.1), and waits for it without limit.
    """
    wire = event.assoc.dul.socket
    if wire is not None and wire.socket is not None:
        wire.socket.settimeout(_SILENT_S)
        wire.recv = _BoundedRecv(wire.recv)  # type: ignore[method-assign, assignment]  # there is no other place for it


def object_came(event: Event) -> None:
    """Begin to count the bytes of the next object."""
    wire = event.assoc.dul.socket
    if wire is not None and isinstance(wire.recv, _BoundedRecv):
        wire.recv.start_over()
