"""The two ways to carry out a flow: in this thread, and on an event loop."""

import asyncio
import inspect
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Iterator
from contextlib import AsyncExitStack, ExitStack
from typing import Any, Self, TypeVar

import httpx
from httpx_sse import EventSource, ServerSentEvent, SSEError

from panelsim.client.config import Config
from panelsim.client.flows import Came, Clock, Emit, Flow, Next, Open, Pause, Send, Step, Told
from panelsim.client.wire import Broken, Reply, Request

T = TypeVar("T")
E = TypeVar("E")

NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)


class SyncShell:
    """Carries out flows in the calling thread. One shell may serve several threads."""

    def __init__(self, config: Config, transport: httpx.BaseTransport | None = None) -> None:
        self.config = config
        self._http = httpx.Client(follow_redirects=False, transport=transport)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.config.base_url!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends all connections."""
        self._http.close()

    def run(self, flow: Flow[E, T], on_emit: Callable[[E], object] | None = None) -> T:
        """What a flow returns; what it emits goes to `on_emit`."""
        carried = self.carry_out(flow)
        while True:
            try:
                value = next(carried)
            except StopIteration as end:
                result: T = end.value
                return result
            if on_emit is not None:
                on_emit(value)

    def iterate(self, flow: Flow[E, T]) -> Iterator[E]:
        """What a flow emits, one by one."""
        yield from self.carry_out(flow)

    def carry_out(self, flow: Flow[E, T]) -> Generator[E, None, T]:
        """As `iterate`; it ends with what the flow returns."""
        came: Came = None
        with _Stream(self._http, self.config) as stream:
            while True:
                try:
                    step = flow.send(came)
                except StopIteration as end:
                    result: T = end.value
                    return result
                if isinstance(step, Emit):
                    yield step.value
                    came = None
                else:
                    came = self._do(step, stream)

    def _do(self, step: Step[Any], stream: "_Stream") -> Came:
        match step:
            case Send(request):
                return self._send(request)
            case Pause(seconds):
                time.sleep(seconds)
            case Clock():
                return time.monotonic()
            case Open(request, silent_s):
                return stream.open(request, silent_s)
            case Next():
                return stream.next()
            case _:
                stream.close()
        return None

    def _send(self, request: Request) -> Reply | Broken:
        try:
            response = self._http.request(**_sent(self.config, request))
        except httpx.HTTPError as error:
            return _broken(error)
        return _reply(response, response.content)


class _Stream:
    """The events that a shell reads, if it reads any."""

    def __init__(self, http: httpx.Client, config: Config) -> None:
        self._http, self._config = http, config
        self._opened = ExitStack()
        self._events: Iterator[ServerSentEvent] = iter(())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._opened.close()

    def open(self, request: Request, silent_s: float) -> Reply | Broken:
        self.close()
        sent = _sent(self._config, request, silent_s)
        try:
            response = self._opened.enter_context(self._http.stream(**sent))
            if response.status_code >= 400:
                return _reply(response, response.read())
        except httpx.HTTPError as error:
            return _broken(error)
        self._events = EventSource(response).iter_sse()
        return _reply(response, b"")

    def next(self) -> Told | Broken | None:
        try:
            event = next(self._events, None)
        except (httpx.HTTPError, SSEError) as error:
            return _broken(error)
        return None if event is None else _told(event)


class AsyncShell:
    """Carries out flows on an event loop."""

    def __init__(self, config: Config, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self.config = config
        self._http = httpx.AsyncClient(follow_redirects=False, transport=transport)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.config.base_url!r})"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Ends all connections."""
        await self._http.aclose()

    async def run(self, flow: Flow[E, T], on_emit: Callable[[E], object] | None = None) -> T:
        """What a flow returns; what it emits goes to `on_emit`, whose answer is awaited if it can be."""
        found: list[T] = []
        async for value in self.carry_out(flow, found.append):
            told = None if on_emit is None else on_emit(value)
            if inspect.isawaitable(told):
                await told
        return found[0]

    def iterate(self, flow: Flow[E, T]) -> AsyncIterator[E]:
        """What a flow emits, one by one."""
        return self.carry_out(flow, lambda _end: None)

    async def carry_out(self, flow: Flow[E, T], on_end: Callable[[T], object]) -> AsyncGenerator[E, None]:
        """As `iterate`; `on_end` is given what the flow returns."""
        came: Came = None
        async with _AsyncStream(self._http, self.config) as stream:
            while True:
                try:
                    step = flow.send(came)
                except StopIteration as end:
                    on_end(end.value)
                    return
                if isinstance(step, Emit):
                    yield step.value
                    came = None
                else:
                    came = await self._do(step, stream)

    async def _do(self, step: Step[Any], stream: "_AsyncStream") -> Came:
        match step:
            case Send(request):
                return await self._send(request)
            case Pause(seconds):
                await asyncio.sleep(seconds)
            case Clock():
                return time.monotonic()
            case Open(request, silent_s):
                return await stream.open(request, silent_s)
            case Next():
                return await stream.next()
            case _:
                await stream.close()
        return None

    async def _send(self, request: Request) -> Reply | Broken:
        try:
            response = await self._http.request(**_sent(self.config, request))
        except httpx.HTTPError as error:
            return _broken(error)
        return _reply(response, response.content)


class _AsyncStream:
    """As `_Stream`, on an event loop."""

    def __init__(self, http: httpx.AsyncClient, config: Config) -> None:
        self._http, self._config = http, config
        self._opened = AsyncExitStack()
        self._events: AsyncIterator[ServerSentEvent] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        self._events = None
        await self._opened.aclose()

    async def open(self, request: Request, silent_s: float) -> Reply | Broken:
        await self.close()
        sent = _sent(self._config, request, silent_s)
        try:
            response = await self._opened.enter_async_context(self._http.stream(**sent))
            if response.status_code >= 400:
                return _reply(response, await response.aread())
        except httpx.HTTPError as error:
            return _broken(error)
        events = EventSource(response).aiter_sse()
        self._opened.push_async_callback(events.aclose)
        self._events = events
        return _reply(response, b"")

    async def next(self) -> Told | Broken | None:
        if self._events is None:
            return None
        try:
            return _told(await anext(self._events))
        except StopAsyncIteration:
            return None
        except (httpx.HTTPError, SSEError) as error:
            return _broken(error)


def _sent(config: Config, request: Request, silent_s: float | None = None) -> dict[str, Any]:
    """A request as httpx takes it."""
    read_s = config.timeout_s + request.held_s if silent_s is None else silent_s
    return {
        "method": request.method,
        "url": config.base_url + request.path,
        "params": list(request.query),
        "headers": {**config.headers, **request.headers},
        "content": request.content,
        "timeout": httpx.Timeout(read_s, connect=config.connect_s),
    }


def _reply(response: httpx.Response, content: bytes) -> Reply:
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Reply(response.status_code, headers, content)


def _broken(error: Exception) -> Broken:
    reason = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return Broken(reason, was_sent=not isinstance(error, NOT_SENT))


def _told(event: ServerSentEvent) -> Told:
    retry_s = None if event.retry is None else event.retry / 1000
    return Told(event.event, event.data, event.id, retry_s)
