"""What stands still or says that it is too long is given up, on both sides of a connection."""

from __future__ import annotations

import socket
import struct
import threading
import time
from pathlib import Path

import pytest

from resmtnet.pipelines.serve import bounded_connection
from resmtnet.pipelines.serve.bounded_connection import _BoundedRecv
from resmtnet.pipelines.serve.c_store import c_store
from resmtnet.pipelines.serve.inbox import Inbox
from resmtnet.pipelines.serve.send_error import SendError
from resmtnet.pipelines.serve.serve_config import Node, Receive
from resmtnet.pipelines.serve.storage_scp import storage_scp

pynetdicom = pytest.importorskip("pynetdicom")
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <s:ResourceWarning")
HUNG_UP_S = 20.0  # pynetdicom itself would wait for ever
P_DATA, REQUEST = 4, 1


@pytest.mark.parametrize(("length", "silent_s"), [(2**32 - 1, 60.0), (100, 0.5)], ids=["too long", "half sent"])
def test_a_bad_pdu_ends_the_connection(free_port, tmp_path, monkeypatch, length, silent_s):
    monkeypatch.setattr(bounded_connection, "_SILENT_S", silent_s)
    receive = Receive("RESMTNET", free_port(), ("PACS",))
    inbox = Inbox(tmp_path / "received", b"0" * 32, min_free_bytes=0)
    with storage_scp(receive, inbox), socket.create_connection(("127.0.0.1", receive.port), HUNG_UP_S) as strange:
        strange.sendall(struct.pack(">BBL", REQUEST, 0, length) + bytes(10))
        try:
            while strange.recv(100):  # an A-ABORT may come first
                pass
        except ConnectionResetError:
            pass


def test_the_bytes_of_one_object_are_counted(monkeypatch):
    monkeypatch.setattr(bounded_connection, "_MOST_OBJECT_BYTES", 10)
    recv = _BoundedRecv(bytearray)
    assert [len(recv(5)), len(recv(5))] == [5, 5]
    with pytest.raises(OSError, match="too long"):
        recv(1)
    recv.start_over()
    assert len(recv(10)) == 10


def test_an_archive_that_stops_reading_is_given_up(scan, free_port, monkeypatch, tmp_path):
    """It accepts the association, then reads nothing; the object does not fit in the buffers of the sockets."""
    import pydicom

    monkeypatch.setattr(bounded_connection, "_SILENT_S", 0.5)
    ds = pydicom.dcmread(scan[0])
    ds.Rows = ds.Columns = 4096
    ds.PixelData = bytes(2 * 4096 * 4096)
    ds.save_as(tmp_path / "large.dcm")
    stuck = threading.Event()

    def stop_reading(event: pynetdicom.events.Event) -> None:
        if event.data[0] == P_DATA:
            stuck.wait(60)

    entity = pynetdicom.AE(ae_title="ARCHIVE")
    entity.add_supported_context(ds.SOPClassUID)
    handlers = [(pynetdicom.evt.EVT_DATA_RECV, stop_reading)]
    server = entity.start_server(("127.0.0.1", free_port()), block=False, evt_handlers=handlers)
    begin = time.monotonic()
    with pytest.raises(SendError):
        list(c_store(Node("127.0.0.1", server.server_address[1], "ARCHIVE"), [Path(tmp_path / "large.dcm")]))
    assert time.monotonic() - begin < 50  # not by the other side going on
    stuck.set()
    entity.shutdown()
    server.server_close()
