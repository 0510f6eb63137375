"""The application: routes, errors and what surrounds them, put together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from fastapi.telemetry import TelemetryConfig
from starlette.routing import Route

from panelsim import __version__
from panelsim.api.caller import KnownKeys
from panelsim.api.context import Api
from panelsim.api.guard import Allowed, Guard
from panelsim.api.mcp_server import PATH, McpEndpoint
from panelsim.api.openapi import describe
from panelsim.api.problems import install
from panelsim.api.routes import ROUTERS, takes_table
from panelsim.api.routes.webhooks import messages
from panelsim.api.streams import Streams


def create_app(api: Api, tracing: TelemetryConfig | None = None) -> FastAPI:
    """The application of a service; its workspace and queue stay open as long as it serves."""
    agents = McpEndpoint(api)

    @asynccontextmanager
    async def life(_app: FastAPI) -> AsyncIterator[None]:
        async with agents.manager.run():
            try:
                yield
            finally:
                await api.close()

    quiet: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False}
    app = FastAPI(
        title="panelsim",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        telemetry=tracing or quiet,
        lifespan=life,
    )
    app.state.api = api
    app.state.known_keys = KnownKeys()
    app.state.streams = Streams(api)
    _add_routes(app)
    app.router.routes.append(Route(PATH, endpoint=agents, include_in_schema=False))
    options = api.options

    def allowed_on(path: str) -> Allowed:
        return (
            Allowed(options.max_upload, is_awaited=False) if takes_table(path) else Allowed(options.max_body)
        )

    app.add_middleware(Guard, allowed_on=allowed_on, telemetry=api.workspace.telemetry)
    return app


def document() -> dict[str, Any]:
    """The OpenAPI document, made with no service behind the routes."""
    app = FastAPI(title="panelsim", version=__version__)
    _add_routes(app)
    return app.openapi()


def _add_routes(app: FastAPI) -> None:
    install(app)
    for router in ROUTERS:
        app.include_router(router)
    app.webhooks.include_router(messages)
    describe(app)
