"""A headless Chromium driven over its debugging pipe: no port, no download."""

import base64
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from pydantic import JsonValue, TypeAdapter

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-pipe",
)
LAUNCH = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.dup2(int(sys.argv[2]), 4)
os.execv(sys.argv[3], sys.argv[3:])
"""
"""Chromium reads commands from file descriptor 3 and answers on 4."""

_MESSAGE: TypeAdapter[dict[str, JsonValue]] = TypeAdapter(dict[str, JsonValue])


class Page:
    """One tab."""

    def __init__(self, to_browser: int, from_browser: int) -> None:
        self._to, self._from = to_browser, from_browser
        self._buffer = b""
        self._id = 0
        self._session = ""
        self.events: list[Mapping[str, JsonValue]] = []
        target = self._ask("Target.createTarget", {"url": "about:blank"})["targetId"]
        attached = self._ask("Target.attachToTarget", {"targetId": target, "flatten": True})
        self._session = str(attached["sessionId"])
        for domain in ("Page", "Runtime", "Network", "Log"):
            self._ask(f"{domain}.enable", {})

    def open(self, place: Path | str, width: int, scheme: Literal["light", "dark"], media: str = "") -> None:
        """Load a file or an address at a width in CSS pixels, with a colour scheme and perhaps a medium."""
        metrics: dict[str, JsonValue] = {
            "width": width,
            "height": 900,
            "deviceScaleFactor": 1,
            "mobile": width < 600,
        }
        self._ask("Emulation.setDeviceMetricsOverride", metrics)
        features: list[JsonValue] = [{"name": "prefers-color-scheme", "value": scheme}]
        self._ask("Emulation.setEmulatedMedia", {"media": media, "features": features})
        self.events.clear()
        self._ask("Page.navigate", {"url": place if isinstance(place, str) else place.as_uri()})
        while not any(event["method"] == "Page.loadEventFired" for event in self.events):
            self.events.append(self._read())

    def value(self, expression: str) -> JsonValue:
        """What a JavaScript expression gives in the page."""
        answer = self._ask("Runtime.evaluate", {"expression": expression, "returnByValue": True})["result"]
        assert isinstance(answer, dict)
        return answer.get("value")

    def screenshot(self, path: Path) -> None:
        """The whole page as PNG."""
        shot = self._ask("Page.captureScreenshot", {"format": "png", "captureBeyondViewport": True})
        path.write_bytes(base64.b64decode(str(shot["data"])))

    def pdf(self, path: Path) -> None:
        """The page as printed."""
        printed = self._ask("Page.printToPDF", {"printBackground": True, "preferCSSPageSize": True})
        path.write_bytes(base64.b64decode(str(printed["data"])))

    def requested(self) -> list[str]:
        """Addresses asked for since the page was opened."""
        urls = []
        for event in self.events:
            if event["method"] == "Network.requestWillBeSent" and isinstance(params := event["params"], dict):
                request = params["request"]
                assert isinstance(request, dict)
                urls.append(str(request["url"]))
        return urls

    def complaints(self) -> list[str]:
        """What the browser logged: blocked styles, errors, warnings."""
        return [json.dumps(event["params"]) for event in self.events if event["method"] == "Log.entryAdded"]

    def _ask(self, method: str, params: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
        self._id += 1
        message: dict[str, JsonValue] = {"id": self._id, "method": method, "params": dict(params)}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._to, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._read()
            if answer.get("id") == self._id:
                assert "result" in answer, answer
                result = answer["result"]
                assert isinstance(result, dict)
                return result
            self.events.append(answer)

    def _read(self) -> dict[str, JsonValue]:
        while b"\0" not in self._buffer:
            read = os.read(self._from, 1 << 20)
            assert read, "the browser closed its pipe"
            self._buffer += read
        message, self._buffer = self._buffer.split(b"\0", 1)
        return _MESSAGE.validate_json(message)


@contextmanager
def chromium(profile: Path) -> Iterator[Page]:
    """A page of the Chromium found on this machine, with an empty profile, for as long as the block."""
    assert CHROMIUM is not None
    in_read, in_write = os.pipe()
    out_read, out_write = os.pipe()
    start = [sys.executable, "-c", LAUNCH, str(in_read), str(out_write)]
    arguments = [*start, CHROMIUM, *FLAGS, f"--user-data-dir={profile}"]
    process = subprocess.Popen(
        arguments, pass_fds=(in_read, out_write), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    os.close(in_read)
    os.close(out_write)
    try:
        yield Page(in_write, out_read)
    finally:
        process.terminate()
        process.wait(timeout=20)
        os.close(in_write)
        os.close(out_read)
