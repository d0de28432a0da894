"""A headless Chromium for tests, by the DevTools protocol over a pipe; nothing but the standard library."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any

_OPTIONS = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--remote-debugging-pipe"),
)
_WATCHED = ("Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded", "Network.requestWillBeSent")


def chromium() -> str | None:
    """Return the program, None where there is none."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


class Browser:
    """One page of a browser of its own; use it as a context."""

    def __init__(self, program: str, *, width: int = 1280, height: int = 900) -> None:
        self._profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        read_by_it, self._write = os.pipe()
        self._read, written_by_it = os.pipe()
        options = [*_OPTIONS, f"--user-data-dir={self._profile.name}", f"--window-size={width},{height}", "about:blank"]
        joined = f'exec "$@" 3<&{read_by_it} 4>&{written_by_it}'  # it reads at 3 and writes at 4
        self._process = subprocess.Popen(
            ["bash", "-c", joined, "bash", program, *options],
            pass_fds=(read_by_it, written_by_it),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(read_by_it)
        os.close(written_by_it)
        self._rest, self._number = b"", 0
        self.events: list[dict[str, Any]] = []
        targets = self.send("Target.getTargets", session="")["targetInfos"]
        target = next(one["targetId"] for one in targets if one["type"] == "page")
        self._session = self.send("Target.attachToTarget", {"targetId": target, "flatten": True}, session="")[
            "sessionId"
        ]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.send(f"{domain}.enable")

    def __enter__(self) -> Browser:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        self._process.terminate()
        self._process.wait(30)
        os.close(self._read)
        os.close(self._write)
        self._profile.cleanup()

    def send(self, method: str, parameters: dict[str, Any] | None = None, *, session: str | None = None) -> Any:
        """Call a method of the protocol and return its result."""
        self._number += 1
        chosen = self._session if session is None else session
        message = {"id": self._number, "method": method, "params": parameters or {}}
        message |= {"sessionId": chosen} if chosen else {}
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while (answer := self._next()).get("id") != self._number:
            self.events.append(answer)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']['message']}")
        return answer["result"]

    def open(self, path: Path) -> None:
        """Show a file and wait until it is loaded."""
        self.events.clear()
        self.send("Page.navigate", {"url": path.resolve().as_uri()})
        while not any(event["method"] == "Page.loadEventFired" for event in self.events):
            self.events.append(self._next())

    def run(self, script: str) -> Any:
        """Return the value of a JavaScript expression (JSON)."""
        answer = self.send("Runtime.evaluate", {"expression": script, "returnByValue": True, "awaitPromise": True})
        if "exceptionDetails" in answer:
            raise RuntimeError(json.dumps(answer["exceptionDetails"])[:500])
        return answer["result"].get("value")

    def press(self, key: str, code: int = 0, text: str = "") -> None:
        """Press and release a key (``ArrowRight``, ``Tab``, ``Enter`` ...)."""
        named = {"key": key, "code": key, "windowsVirtualKeyCode": code}
        self.send("Input.dispatchKeyEvent", {"type": "keyDown", **named, **({"text": text} if text else {})})
        self.send("Input.dispatchKeyEvent", {"type": "keyUp", **named})

    def look(self, *, dark: bool = False, paper: bool = False) -> None:
        """Have it dark or light, on screen or as on paper."""
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.send("Emulation.setEmulatedMedia", {"media": "print" if paper else "", "features": [scheme]})

    def size(self, width: int, height: int = 900) -> None:
        """Make the window so wide."""
        sized = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.send("Emulation.setDeviceMetricsOverride", sized)

    def screenshot(self, path: Path, *, whole: bool = True) -> None:
        """Write what is seen as PNG."""
        data = self.send("Page.captureScreenshot", {"format": "png", "captureBeyondViewport": whole})["data"]
        path.write_bytes(base64.b64decode(data))

    def pdf(self) -> bytes:
        """Print."""
        parameters = {"printBackground": False, "preferCSSPageSize": False, "paperWidth": 8.27, "paperHeight": 11.69}
        return base64.b64decode(self.send("Page.printToPDF", parameters)["data"])

    def complaints(self) -> list[str]:
        """Return errors and warnings since the page was opened, and what it asked for beyond files and data."""
        self.run("1")  # so that all that came before is here
        return [json.dumps(event["params"])[:500] for event in self.events if _is_complaint(event)]

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            part = os.read(self._read, 1 << 20)
            if not part:
                raise RuntimeError("the browser ended")
            self._rest += part
        first, self._rest = self._rest.split(b"\0", 1)
        message: dict[str, Any] = json.loads(first)
        return message


def _is_complaint(event: dict[str, Any]) -> bool:
    if event["method"] == "Network.requestWillBeSent":
        return not event["params"]["request"]["url"].startswith(("file:", "data:"))
    return event["method"] in _WATCHED
