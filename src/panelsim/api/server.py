"""The server: the application on a socket, and the worker beside it that drives its runs.

The worker is a process of its own, so that a model's work does not keep requests waiting. It ends when the
server's end of its pipe closes, however the server ended; if it dies itself, it is started again.
"""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, TypeAlias

import uvicorn
from fastapi import FastAPI
from fastapi.telemetry import TelemetryConfig
from starlette.concurrency import run_in_threadpool
from typing_extensions import override

from panelsim.api.announcing import announce
from panelsim.api.app import create_app
from panelsim.api.context import Api, ApiOptions
from panelsim.api.once import KEPT_S
from panelsim.errors import InputError, StoreError
from panelsim.service.pool import open_queue
from panelsim.service.webhooks.deliverer import Deliverer
from panelsim.service.webhooks.sending import Sender
from panelsim.service.workspace import Workspace
from panelsim.store import Store
from panelsim.telemetry import Several
from panelsim.telemetry.metrics import Metrics
from panelsim.telemetry.plain import write_plainly

LOOPBACK = ("127.0.0.1", "::1", "localhost")
AGAIN_S = (0.5, 1.0, 2.0, 5.0)
"""Before a worker that died is started again; the last one from then on."""
STEADY_S = 30.0
"""A worker that lived so long had no fault at its start."""
GRACE_S = 10
TOLD = Callable[[str], None]
Life: TypeAlias = Callable[[FastAPI], AbstractAsyncContextManager[Any]]
"""What surrounds an application while it serves."""


@dataclass(frozen=True)
class ServerOptions:
    """Where the server listens, and who works."""

    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1
    """Worker processes beside the server; 0: none, other machines drive the runs."""
    api: ApiOptions = field(default_factory=ApiOptions)


def serve(workspace: Workspace, options: ServerOptions, told: TOLD) -> None:
    """Serves until the process is told to end. Raises `InputError` if it cannot listen, or must not."""
    check(options, workspace)
    key = workspace.settings.openai_api_key
    write_plainly(workspace.settings.log_format, (key.get_secret_value(),) if key else ())
    metrics = Metrics()
    workspace = replace(workspace, telemetry=Several((workspace.telemetry, metrics)))
    with listening(options) as sock, open_queue(workspace) as queue, traced(workspace) as tracing:
        api = Api(workspace, queue, options.api, metrics=metrics, told=told)
        app = create_app(api, tracing)
        app.router.lifespan_context = _life(api, options, told, app.router.lifespan_context)
        host, port = sock.getsockname()[:2]
        shown = f"[{host}]" if ":" in host else host
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            server_header=False,
            date_header=True,
            proxy_headers=False,
            timeout_graceful_shutdown=GRACE_S,
            h11_max_incomplete_event_size=64 * 1024,
        )
        told(f"panelsim serves on http://{shown}:{port} with the store {workspace.store.place}.")
        with suppress(KeyboardInterrupt):  # uvicorn raises the signal again that it ended in good order for
            _Server(config, app.state.streams.stop).run([sock])


class _Server(uvicorn.Server):
    """A server that lets those who wait know of its end before it waits for them."""

    def __init__(self, config: uvicorn.Config, stop: Callable[[], None]) -> None:
        super().__init__(config)
        self._stop = stop

    @override
    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Answers held requests and ends streams, then lets connections go."""
        self._stop()
        await super().shutdown(sockets)


@contextmanager
def traced(workspace: Workspace) -> Iterator[TelemetryConfig | None]:
    """How requests are traced, if the settings ask for it: to where the `OTEL_*` variables say.

    A span holds method, route and status, never a header, a query or a body.
    """
    if not workspace.settings.otel:
        yield None
        return
    from panelsim.telemetry.exporting import own_provider

    provider = own_provider()
    try:
        yield {"tracer_provider": provider, "metrics": False, "logs": False, "operation_spans": False}
    finally:
        provider.shutdown()


def check(options: ServerOptions, workspace: Workspace) -> None:
    """Raises `InputError` for what would let in whom nobody asked."""
    is_local = options.host in LOOPBACK
    if options.api.is_open and not is_local:
        raise InputError(
            f"--no-auth with --host {options.host}: without keys the service only listens on loopback, "
            "expected 127.0.0.1"
        )
    if options.workers > 1 and not workspace.store.is_shared:
        raise InputError(
            f"--workers {options.workers}: the store is a file, whose runs one worker drives; expected 1, or "
            "a store on PostgreSQL (--database)"
        )
    keys = [key for key in workspace.store.api_keys() if key.revoked_at is None]
    if not keys and not options.api.is_open:
        raise InputError(
            "the store has no API key yet; make one with: panelsim keys create NAME "
            "(or try the service on this machine alone with --no-auth)"
        )


def listening(options: ServerOptions) -> socket.socket:
    """A socket that listens. Raises `InputError` if the address is taken or not this machine's."""
    family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((options.host, options.port))
        sock.listen(1024)
    except OSError as error:
        sock.close()
        raise InputError(
            f"cannot listen on {options.host}:{options.port}: {error.strerror}; choose another --port"
        ) from error
    sock.set_inheritable(False)
    return sock


def _life(api: Api, options: ServerOptions, told: TOLD, within: Life) -> Life:
    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        found = await run_in_threadpool(api.starter.take_up)
        if found:
            told(f"{found} runs were accepted before the last end and are queued now.")
        keepers = [
            asyncio.create_task(keep_worker(api.workspace, number, told)) for number in range(options.workers)
        ]
        keepers.append(asyncio.create_task(_deliver(api)))
        keepers.append(asyncio.create_task(keep_replies_few(api.workspace.store)))
        try:
            async with within(app):
                yield
        finally:
            for keeper in keepers:
                keeper.cancel()
            await asyncio.gather(*keepers, return_exceptions=True)

    return life


async def _deliver(api: Api) -> None:
    """Sends webhooks until cancelled."""
    async with Sender(allows_loopback=api.options.allows_loopback) as sender:
        await Deliverer(api.workspace.store, sender, partial(announce, api), api.told).run()


async def keep_replies_few(store: Store, every_s: float = 3600.0) -> None:
    """Forgets answers under Idempotency-Keys once they are older than is promised, until cancelled."""
    while True:
        with suppress(StoreError):  # it is tried again
            await run_in_threadpool(store.sweep_replies, KEPT_S)
        await asyncio.sleep(every_s)


async def keep_worker(
    workspace: Workspace, number: int, told: TOLD, again_s: Sequence[float] = AGAIN_S
) -> None:
    """Keeps one worker process alive until cancelled, then ends it in an orderly way."""
    failed = 0
    loop = asyncio.get_running_loop()
    while True:
        began = loop.time()
        worker = await _start_worker(workspace)
        try:
            code = await worker.wait()
        except asyncio.CancelledError:
            await _end(worker)
            raise
        failed = 0 if loop.time() - began > STEADY_S else failed + 1
        pause = again_s[min(failed, len(again_s) - 1)]
        told(f"Worker {number} ended with code {code} and is started again in {pause:g} s.")
        await asyncio.sleep(pause)


async def _start_worker(workspace: Workspace) -> asyncio.subprocess.Process:
    settings = workspace.settings
    # in the environment and not in the arguments, which everybody on the machine may read
    environment = os.environ | {"PANELSIM_STORE": settings.store_url}
    command = (sys.executable, "-m", "panelsim", "worker", "--until-eof")
    return await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.PIPE, env=environment, start_new_session=True
    )


async def _end(worker: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        worker.send_signal(signal.SIGTERM)
    try:
        await asyncio.wait_for(worker.wait(), GRACE_S)
    except TimeoutError:
        with suppress(ProcessLookupError):
            worker.kill()
        await worker.wait()
