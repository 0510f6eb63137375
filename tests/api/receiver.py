"""A receiver of webhooks on this machine, which keeps what it is sent and answers as it is told."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

from standardwebhooks import Webhook


class Received(NamedTuple):
    """One request."""

    path: str
    headers: dict[str, str]
    body: str

    @property
    def id(self) -> str:
        """Of the message."""
        return self.headers["webhook-id"]

    def verified(self, secret: str) -> dict[str, object]:
        """The message, if the library of the specification takes the signature for good."""
        message: dict[str, object] = Webhook(secret).verify(self.body, self.headers)
        return message


class Receiver:
    """What was received, and the answers to come."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.answers: list[int] = []
        """Statuses of the next answers; 200 after them."""
        self.lock = threading.Lock()
        self.url = ""

    def take(self, received: Received) -> int:
        """Keeps a request; the status to answer with."""
        with self.lock:
            self.received.append(received)
            return self.answers.pop(0) if self.answers else 200

    def wait_for(self, n: int, seconds: float = 30) -> list[Received]:
        """The first `n` requests."""
        until = time.monotonic() + seconds
        while len(self.received) < n:
            assert time.monotonic() < until, f"{len(self.received)} of {n} requests came"
            time.sleep(0.02)
        return self.received[:n]


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver that listens on a free port."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            headers = {name.lower(): value for name, value in self.headers.items()}
            status = receiver.take(Received(self.path, headers, body))
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
