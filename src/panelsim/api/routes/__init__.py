"""The routes, one file per resource; `ROUTERS` lists them."""

import re

from fastapi import APIRouter

from panelsim.api.routes import (
    asks,
    calibrations,
    catalogue,
    chat,
    conversations,
    deliveries,
    estimates,
    evaluations,
    events,
    health,
    matching,
    pages,
    profiles,
    runs,
    studies,
    usage,
    webhooks,
)

ROUTERS: tuple[APIRouter, ...] = (
    estimates.router,
    studies.router,
    runs.router,
    deliveries.router,
    webhooks.router,
    events.router,
    profiles.router,
    matching.router,
    calibrations.router,
    evaluations.router,
    usage.router,
    catalogue.router,
    asks.router,
    chat.router,
    conversations.router,
    health.router,
    pages.router,
)

UPLOADS: tuple[str, ...] = (r"/v1/icps/[^/]+/match", r"/v1/calibrations")
"""Patterns of the paths of routes that take a table in their body."""

_UPLOADS = re.compile("|".join(UPLOADS))


def takes_table(path: str) -> bool:
    """Whether a path is that of a route that takes a table in its body."""
    return _UPLOADS.fullmatch(path) is not None
