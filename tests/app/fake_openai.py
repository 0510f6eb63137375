"""An OpenAI-compatible server that answers by rule, keeps what it was asked, and can refuse or be slow."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from pydantic import JsonValue, TypeAdapter

KEY = "right-key-1234567890"
REFUSED = "REFUSE"
"""A prompt that holds this word is answered with status 400."""
_BODY: TypeAdapter[dict[str, JsonValue]] = TypeAdapter(dict[str, JsonValue])


@dataclass
class FakeOpenAI:
    """What the server was asked, as canonical bodies in order."""

    url: str = ""
    seconds: float = 0.0
    """How long an answer takes."""
    refuses: bool = True
    bodies: list[str] = field(default_factory=list)

    def reply(self, body: dict[str, JsonValue]) -> tuple[int, dict[str, JsonValue]]:
        self.bodies.append(json.dumps(body, sort_keys=True))
        time.sleep(self.seconds)
        if self.refuses and REFUSED in json.dumps(body["messages"]):
            return 400, {"error": {"message": "this prompt is not allowed", "code": "bad_prompt"}}
        text = "It speaks to a problem that I have."
        if "response_format" in body:
            text = '{"choice": "A"}' if '"choice"' in json.dumps(body["response_format"]) else '{"rating": 4}'
        message: JsonValue = {"role": "assistant", "content": text}
        return 200, {
            "id": "1",
            "object": "chat.completion",
            "created": 1,
            "model": str(body["model"]),
            "choices": [{"index": 0, "finish_reason": "stop", "message": message}],
            "usage": {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110},
        }


def _handler(server: FakeOpenAI) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = _BODY.validate_json(self.rfile.read(int(self.headers["Content-Length"])))
            status, value = server.reply(body)
            text = json.dumps(value).encode()
            try:
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)
            except ConnectionError:
                self.close_connection = True  # the client was killed

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            del format, args

    return Handler


@contextmanager
def fake_openai(seconds: float = 0.0) -> Iterator[FakeOpenAI]:
    """A running server on loopback."""
    server = FakeOpenAI(seconds=seconds)
    with ThreadingHTTPServer(("127.0.0.1", 0), _handler(server)) as httpd:
        httpd.daemon_threads = True
        server.url = f"http://127.0.0.1:{httpd.server_address[1]}/v1"
        thread = threading.Thread(target=httpd.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            httpd.shutdown()
            thread.join()
