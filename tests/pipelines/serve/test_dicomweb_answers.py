"""What servers answer, good and bad, by a server of the standard library that answers as it is told."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from resmtnet.pipelines.serve import pull_dicomweb
from resmtnet.pipelines.serve.c_store import c_store
from resmtnet.pipelines.serve.open_dicomweb import open_dicomweb
from resmtnet.pipelines.serve.send_error import SendError
from resmtnet.pipelines.serve.serve_config import Node, Web
from resmtnet.pipelines.serve.stow import stow

pytest.importorskip("dicomweb_client")
JSON = "application/dicom+json"
MULTIPART = 'multipart/related; type="application/dicom"; boundary=b'


class Handler(BaseHTTPRequestHandler):
    """Gives the server's next answer."""

    def answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        status, media_type, body = self.server.answers.pop(0)
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = answer

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[HTTPServer]:
    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        server.answers = []
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def web(server: HTTPServer) -> Web:
    return Web(f"http://127.0.0.1:{server.server_port}/web")


def refusal(reason: int) -> bytes:
    item = {"00081197": {"vr": "US", "Value": [reason]}}
    return json.dumps({"00081198": {"vr": "SQ", "Value": [item]}}).encode()


@pytest.fixture
def small(scan, tmp_path: Path) -> Path:
    """Small enough for one request with a length."""
    assert scan[0].stat().st_size < 1_000_000
    return scan[0]


@pytest.mark.filterwarnings("ignore:unclosed <s:ResourceWarning")
def test_stow_knows_what_was_refused_and_what_is_there(server, small):
    server.answers = [
        (202, f"{JSON}; charset=utf-8", refusal(0xA700)),
        (409, JSON, refusal(0x0111)),
        (200, JSON, b"{}"),
        (409, JSON, refusal(0xC000)),
    ]
    accepted: list[Path] = []
    with pytest.raises(SendError, match="reason 0xA700"):
        accepted.extend(stow(web(server), [small, small, small, small]))
    assert len(accepted) == 2
    assert server.answers == []


@pytest.mark.filterwarnings("ignore:unclosed <s:ResourceWarning")
def test_c_store_knows_what_was_refused_and_what_is_there(scan, free_port):
    pynetdicom = pytest.importorskip("pynetdicom")
    import pydicom

    statuses = [0xA700, 0x0111, 0x0000]
    entity = pynetdicom.AE(ae_title="ARCHIVE")
    entity.add_supported_context(pydicom.dcmread(scan[0]).SOPClassUID)
    handlers = [(pynetdicom.evt.EVT_C_STORE, lambda _: statuses.pop(0))]
    server = entity.start_server(("127.0.0.1", free_port()), block=False, evt_handlers=handlers)
    accepted: list[Path] = []
    with pytest.raises(SendError, match="0xA700"):
        accepted.extend(c_store(Node("127.0.0.1", server.server_address[1], "ARCHIVE"), scan[:3]))
    entity.shutdown()
    server.server_close()
    assert accepted == list(scan[1:3])


def retrieved(server: HTTPServer, parts: list[bytes]) -> list[bytes]:
    framed = b"".join(b"\r\n--b\r\nContent-Type: application/dicom\r\n\r\n" + part for part in parts)
    server.answers = [(200, MULTIPART, framed[2:] + b"\r\n--b--\r\n")]
    client = open_dicomweb(web(server))
    with closing(client._session):
        return list(pull_dicomweb._series_objects(client, "1.2", "1.3"))


def test_what_is_retrieved_is_not_parsed_on_the_way(server):
    parts = [b"no DICOM at all", bytes(range(256)) * 9000]
    assert retrieved(server, parts) == parts


@pytest.mark.filterwarnings("ignore:unclosed <s:ResourceWarning")
def test_an_object_without_end_is_given_up(server, monkeypatch):
    monkeypatch.setattr(pull_dicomweb, "_MOST_OBJECT_BYTES", 2_000_000)
    with pytest.raises(OverflowError):
        retrieved(server, [bytes(4_000_000)])


def test_a_server_names_no_other_place(server):
    with pytest.raises(ValueError, match="UID"):
        list(pull_dicomweb._series_objects(open_dicomweb(web(server)), "1.2", "../../elsewhere"))
