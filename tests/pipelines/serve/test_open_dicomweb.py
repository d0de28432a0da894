"""How we show who we are to a DICOMweb server, by what a server of the standard library gets to see."""

from __future__ import annotations

import threading
from base64 import b64encode
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from resmtnet.pipelines.inference.usage_error import UsageError
from resmtnet.pipelines.serve.open_dicomweb import open_dicomweb
from resmtnet.pipelines.serve.serve_config import Web

pytest.importorskip("dicomweb_client")


class Handler(BaseHTTPRequestHandler):
    """Answers with no studies, or sends elsewhere."""

    def do_GET(self) -> None:
        self.server.seen.append((self.path.partition("?")[0], self.headers.get("Authorization")))
        moved = self.path.startswith("/moved/")
        self.send_response(302 if moved else 200)
        if moved:
            self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"[]")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[HTTPServer]:
    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        server.seen = []
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def ask(server: HTTPServer, root: str = "web", **named: object) -> None:
    web = Web(f"http://127.0.0.1:{server.server_port}/{root}", **named)
    client = open_dicomweb(web)
    try:
        client.search_for_studies()
    finally:
        client._session.close()


def test_a_token_and_a_password_are_shown(server, tmp_path, monkeypatch):
    monkeypatch.setenv("TOKEN", "from-variable")
    (tmp_path / "secret").write_text("gehörig\n")
    ask(server, token_env="TOKEN")
    ask(server, user="u", password_file=tmp_path / "secret")
    ask(server)
    basic = b64encode("u:gehörig".encode()).decode()
    assert [shown for _, shown in server.seen] == ["Bearer from-variable", f"Basic {basic}", None]


def test_it_is_shown_to_nobody_else(server, monkeypatch):
    import requests

    monkeypatch.setenv("TOKEN", "t")
    with pytest.raises(requests.TooManyRedirects):
        ask(server, "moved", token_env="TOKEN")
    assert [path for path, _ in server.seen] == ["/moved/studies"]


def test_a_secret_that_is_not_there_is_named(tmp_path, monkeypatch):
    monkeypatch.delenv("TOKEN", raising=False)
    with pytest.raises(UsageError, match="environment variable TOKEN"):
        open_dicomweb(Web("http://127.0.0.1/", token_env="TOKEN"))
    with pytest.raises(UsageError, match="cannot be read"):
        open_dicomweb(Web("http://127.0.0.1/", token_file=tmp_path / "missing"))
