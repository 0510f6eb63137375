"""A fast model server without a model: the OpenAI protocol on loopback, replies decided by the request.

    python -m benchmarks.server --latency-ms 200 [--processes 2] [--port 8900] [--ledger]

Prints one JSON line with its address once it listens, and stops when its standard input is closed, so that it
never outlives whoever started it (in a terminal: control-D). `--check` measures a running server instead.

Chat completions and embeddings, no streaming. The reply is, first match wins: the text between the last
`[[` and `]]` of the last message; a least instance of the JSON schema that was asked for; one of 32 answers
of about 40 words, chosen by the request's text. Usage counts a token for four bytes.

`GET /stats`: requests, peak in flight, bytes, and with `--ledger` (one process only) which conversations were
asked more than once: `repeated` requests in all, `lost` those whose answer a later request had already built
on, so that whoever asks had it and forgot it, and `dropped` answers that nobody was there to take.
`POST /reset` sets all to zero.
"""

import argparse
import asyncio
import json
import multiprocessing
import os
import signal
import socket
import sys
import time
from collections.abc import Coroutine, MutableSequence
from enum import IntEnum
from hashlib import blake2b
from typing import NamedTuple, TypeAlias
from zlib import crc32

import httptools
import orjson

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

HOST = "127.0.0.1"
DIMENSIONS = 256
OPENINGS = (
    "In March we lost four days to it and my team had to work two weekends in a row.",
    "Last quarter the numbers came out wrong twice, and I was the one who had to explain them.",
    "Our old tool stopped being supported in 2024, so the choice was made for us in a way.",
    "When we hired nine people in one month, the sheet we had used for years fell apart.",
)
MIDDLES = (
    "I asked two people I trust what they use, and both named the same three things to look for.",
    "Before that we did it by hand, which cost us roughly 30 hours a month across the team.",
    "My director wanted a figure, and I could not give one that I would have signed myself.",
    "We had a trial for three weeks, and only four of the eleven people ever opened it.",
    "Finance raised the price first, and they were right, because nobody had planned for it.",
    "I would have to see it work with our own data, not with a demo that somebody rehearsed.",
    "The one number I would watch is how many days the month's close takes, which is nine now.",
    "Two colleagues were against it from the start, and one of them still keeps his own list.",
)
ANSWERS = tuple(f"{first} {second}" for first in OPENINGS for second in MIDDLES)


class Slot(IntEnum):
    """A process's counters, side by side in shared memory."""

    REQUESTS = 0
    IN_FLIGHT = 1
    PEAK = 2
    BYTES_IN = 3
    BYTES_OUT = 4
    DROPPED = 5
    REPEATED = 6
    LOST = 7
    DISTINCT = 8


class Options(NamedTuple):
    """What every process of the server is told."""

    port: int
    latency_s: float
    ledger: bool


class Ledger:
    """Which conversations were asked, and which of them were built on by a later request."""

    def __init__(self) -> None:
        self.asked: dict[bytes, int] = {}
        self.known: set[bytes] = set()

    def note(self, messages: list[dict[str, str]]) -> tuple[bool, bool]:
        """Whether this conversation was asked before, and whether its answer had been heard before.

        A request that carries a conversation on shows that the answer to the shorter one was heard.
        """
        mark = _mark(messages)
        again, lost = mark in self.asked, mark in self.known
        self.asked[mark] = self.asked.get(mark, 0) + 1
        if len(messages) > 2 and messages[-2].get("role") == "assistant":
            self.known.add(_mark(messages[:-2]))
        return again, lost


def _mark(messages: list[dict[str, str]]) -> bytes:
    return blake2b(orjson.dumps(messages), digest_size=16).digest()


# ---- replies


def least_instance(schema: dict[str, Json], whole: dict[str, Json]) -> Json:
    """The least value that a schema of objects, arrays, enums, numbers and texts allows."""
    match schema:
        case {"$ref": str(place)}:
            inner: Json = whole
            for step in place.removeprefix("#/").split("/"):
                inner = inner[step] if isinstance(inner, dict) else None
            return least_instance(inner if isinstance(inner, dict) else {}, whole)
        case {"const": value}:
            return value
        case {"enum": [first, *_]} | {"anyOf": [first, *_]} | {"oneOf": [first, *_]}:
            return least_instance(first, whole) if isinstance(first, dict) and "enum" not in schema else first
        case {"properties": dict(parts)}:
            return {key: least_instance(one, whole) for key, one in parts.items() if isinstance(one, dict)}
        case {"type": "array"}:
            items, least = schema.get("items"), schema.get("minItems")
            return [least_instance(items if isinstance(items, dict) else {}, whole)] * (
                least if isinstance(least, int) else 0
            )
        case {"type": "integer" | "number"}:
            return schema.get("minimum", 1)
        case {"type": "boolean"}:
            return True
        case {"type": "null"}:
            return None
        case _:
            return "yes"


def reply_to(asked: dict[str, Json], body: bytes) -> str:
    """What is said to a chat request; decided by the request alone."""
    messages = asked.get("messages")
    last = messages[-1] if isinstance(messages, list) and messages else {}
    text = str(last.get("content", "")) if isinstance(last, dict) else ""
    _, opened, marked = text.rpartition("[[")
    if opened and "]]" in marked:
        return marked.partition("]]")[0].strip()
    match asked.get("response_format"):
        case {"json_schema": {"schema": dict(schema)}}:
            return orjson.dumps(least_instance(schema, schema)).decode()
        case _:
            return ANSWERS[crc32(body) % len(ANSWERS)]


def chat_reply(asked: dict[str, Json], body: bytes) -> bytes:
    """The reply's JSON."""
    text = reply_to(asked, body)
    prompt, said = len(body) // 4 + 1, len(text) // 4 + 1
    return orjson.dumps(
        {
            "id": f"chatcmpl-{crc32(body):08x}",
            "object": "chat.completion",
            "created": 0,
            "model": asked.get("model"),
            "choices": [
                {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}
            ],
            "usage": {
                "prompt_tokens": prompt,
                "completion_tokens": said,
                "total_tokens": prompt + said,
            },
        }
    )


def embedding_reply(asked: dict[str, Json], body: bytes) -> bytes:
    """One vector for each text, the same for the same text."""
    given = asked.get("input")
    texts = given if isinstance(given, list) else [given]
    rows = [{"object": "embedding", "index": i, "embedding": _vector(str(t))} for i, t in enumerate(texts)]
    tokens = len(body) // 4 + 1
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    return orjson.dumps({"object": "list", "data": rows, "model": asked.get("model"), "usage": usage})


def _vector(text: str) -> list[float]:
    seed = crc32(text.encode())
    return [((seed >> place % 29) % 1000 - 500) / 8000 for place in range(DIMENSIONS)]


# ---- the wire


class Connection(asyncio.Protocol):
    """One connection that is kept open, one request at a time on it."""

    def __init__(self, options: Options, row: "Row", ledger: Ledger | None) -> None:
        self.options, self.row, self.ledger = options, row, ledger
        self.parser = httptools.HttpRequestParser(self)
        self.path = b""
        self.parts: list[bytes] = []
        self.loop = asyncio.get_running_loop()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserError:
            self.transport.close()

    def on_url(self, url: bytes) -> None:
        self.path = url

    def on_body(self, part: bytes) -> None:
        self.parts.append(part)

    def on_message_complete(self) -> None:
        body = self.parts[0] if len(self.parts) == 1 else b"".join(self.parts)
        self.parts = []
        if self.path.endswith((b"/chat/completions", b"/embeddings")):
            self.take(body)
        elif self.path == b"/stats":
            self.write(200, orjson.dumps(self.row.sums()))
        elif self.path == b"/reset":
            self.row.clear()
            if self.ledger is not None:
                self.ledger.asked.clear()
                self.ledger.known.clear()
            self.write(200, b"{}")
        else:
            self.write(200, b'{"object":"list","data":[{"id":"fake-model","object":"model"}]}')

    def take(self, body: bytes) -> None:
        """Counts a request, and answers it after the latency."""
        row = self.row
        row.add(Slot.REQUESTS, 1)
        row.add(Slot.BYTES_IN, len(body))
        row.add(Slot.IN_FLIGHT, 1)
        row.peak()
        try:
            asked = orjson.loads(body)
            if self.ledger is not None and "messages" in asked:
                again, lost = self.ledger.note(asked["messages"])
                row.add(Slot.REPEATED, again)
                row.add(Slot.LOST, lost)
                row.add(Slot.DISTINCT, not again)
            reply, status = self.reply(asked, body), 200
        except (ValueError, KeyError, TypeError) as error:
            reply, status = orjson.dumps({"error": {"message": str(error), "type": "invalid_request"}}), 400
        if self.options.latency_s:
            self.loop.call_later(self.options.latency_s, self.give, status, reply)
        else:
            self.give(status, reply)

    def reply(self, asked: dict[str, Json], body: bytes) -> bytes:
        make = embedding_reply if self.path.endswith(b"/embeddings") else chat_reply
        return make(asked, body)

    def give(self, status: int, reply: bytes) -> None:
        self.row.add(Slot.IN_FLIGHT, -1)
        if self.transport.is_closing():
            self.row.add(Slot.DROPPED, 1)
            return
        self.row.add(Slot.BYTES_OUT, len(reply))
        self.write(status, reply)

    def write(self, status: int, body: bytes) -> None:
        head = b"HTTP/1.1 %d OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
        self.transport.write(head % (status, len(body)) + body)


class Row:
    """This process's counters, and the sums over all processes."""

    def __init__(self, table: MutableSequence[int], number: int) -> None:
        self.table, self.start = table, number * len(Slot)

    def add(self, slot: Slot, amount: int) -> None:
        self.table[self.start + slot] += amount

    def peak(self) -> None:
        now, place = self.table[self.start + Slot.IN_FLIGHT], self.start + Slot.PEAK
        if now > self.table[place]:
            self.table[place] = now

    def sums(self) -> dict[str, int]:
        """By counter; with several processes the peak is the sum of their own peaks."""
        return {slot.name.lower(): sum(self.table[slot :: len(Slot)]) for slot in Slot}

    def clear(self) -> None:
        for place in range(len(self.table)):
            if place % len(Slot) != Slot.IN_FLIGHT:
                self.table[place] = 0


def listening(port: int) -> socket.socket:
    """A socket that other processes may share the port of; port 0 lets the system choose."""
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    sock.bind((HOST, port))
    return sock


def serve(options: Options, sock: socket.socket | None, table: MutableSequence[int], number: int) -> None:
    """Serves until SIGTERM, or in the first process until standard input ends."""

    async def main() -> None:
        loop = asyncio.get_running_loop()
        stop = asyncio.Event()
        loop.add_signal_handler(signal.SIGTERM, stop.set)
        ledger = Ledger() if options.ledger else None
        row = Row(table, number)
        server = await loop.create_server(
            lambda: Connection(options, row, ledger), sock=sock or listening(options.port), backlog=4096
        )
        if number == 0:
            loop.add_reader(sys.stdin, lambda: None if os.read(0, 4096) else stop.set())
            print(json.dumps({"host": HOST, "port": options.port, "pid": os.getpid()}), flush=True)
        await stop.wait()
        server.close()

    run(main())


def run(main: Coroutine[None, None, None]) -> None:
    """Runs on uvloop if it is installed."""
    try:
        import uvloop
    except ImportError:
        asyncio.run(main)
    else:
        uvloop.run(main)


def check(port: int, at_once: int, requests: int) -> None:
    """Prints what a running server answers at most, asked over raw sockets."""
    messages = [{"role": "user", "content": "Would you look at this tool? " * 40}]
    body = orjson.dumps({"model": "fake-model", "messages": messages})
    request = (
        b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n" % len(body) + body
    )

    async def ask(left: list[None]) -> None:
        reader, writer = await asyncio.open_connection(HOST, port)
        while left:
            left.pop()
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            await reader.readexactly(int(head.rpartition(b"content-length: ")[2]))
        writer.close()

    async def main() -> None:
        left: list[None] = [None] * requests
        began = time.perf_counter()
        await asyncio.gather(*(ask(left) for _ in range(at_once)))
        took = time.perf_counter() - began
        print(json.dumps({"requests": requests, "at_once": at_once, "per_s": round(requests / took)}))

    run(main())


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--port", type=int, default=0, help="0: the system chooses (default)")
    parser.add_argument("--latency-ms", type=float, default=200.0)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--ledger", action="store_true", help="count repeated and forgotten conversations")
    parser.add_argument("--check", action="store_true", help="measure the server at --port")
    parser.add_argument("--at-once", type=int, default=256, help="of --check")
    parser.add_argument("--requests", type=int, default=20_000, help="of --check")
    args = parser.parse_args()
    if args.check:
        check(args.port, args.at_once, args.requests)
        return
    if args.ledger and args.processes > 1:
        parser.error("--ledger counts in one process only")
    sock = listening(args.port)
    options = Options(sock.getsockname()[1], args.latency_ms / 1000, args.ledger)
    table = multiprocessing.RawArray("q", args.processes * len(Slot))
    others = [
        multiprocessing.Process(target=serve, args=(options, None, table, number), daemon=True)
        for number in range(1, args.processes)
    ]
    for process in others:
        process.start()
    serve(options, sock, table, 0)
    for process in others:
        process.terminate()


if __name__ == "__main__":
    main()
