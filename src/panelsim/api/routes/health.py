"""Whether the service is alive, and whether it can take work."""

from typing import Literal

from fastapi import APIRouter, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import Field

from panelsim import __version__
from panelsim.api.caller import Admin
from panelsim.api.context import ApiDep
from panelsim.api.problems import COMMON, problems
from panelsim.model.base import Frozen

router = APIRouter(tags=["service"])


class Health(Frozen):
    """The process answers."""

    status: Literal["ok"] = Field("ok", description="Always this: a dead process answers nothing.")
    version: str = Field(description="Of panelsim.", examples=["0.5.0"])


class Readiness(Frozen):
    """The store answers too."""

    status: Literal["ready"] = Field("ready", description="Work can be taken.")
    store: Literal["reached"] = Field("reached", description="The store was read just now.")


@router.get("/healthz", summary="Whether the process is alive", operation_id="get_health")
async def get_health() -> Health:
    """For a supervisor: touches nothing but the process itself. Needs no key."""
    return Health(version=__version__)


@router.head("/healthz", include_in_schema=False)
async def head_health() -> Response:
    """As GET, for monitors that ask for no body."""
    return Response()


@router.head("/readyz", include_in_schema=False)
async def head_readiness(api: ApiDep) -> Response:
    """As GET, for monitors that ask for no body."""
    await get_readiness(api)
    return Response()


@router.get(
    "/readyz",
    summary="Whether work can be taken",
    operation_id="get_readiness",
    responses=problems("store_away"),
)
async def get_readiness(api: ApiDep) -> Readiness:
    """For a load balancer: reads the store. 503 while it cannot be reached. Needs no key."""
    await run_in_threadpool(api.workspace.store.api_key, "")
    return Readiness()


@router.get(
    "/metrics",
    summary="Prometheus metrics",
    operation_id="get_metrics",
    response_class=Response,
    responses={
        200: {
            "description": "Prometheus' text form.",
            "content": {"text/plain": {"schema": {"type": "string"}}},
        },
        **problems(*COMMON),
    },
)
def get_metrics(api: ApiDep, _caller: Admin) -> Response:
    """Requests by route and status, runs and webhooks by state. Needs a key with the scope `admin`."""
    text = api.metrics.exposition(*api.workspace.store.states())
    return Response(text, media_type="text/plain; version=0.0.4; charset=utf-8")
