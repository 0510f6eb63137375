"""The routes, one file per resource; `ROUTERS` lists them."""

from fastapi import APIRouter

from panelsim.api.routes import estimates, health, runs, studies

ROUTERS: tuple[APIRouter, ...] = (
    estimates.router,
    studies.router,
    runs.router,
    health.router,
)

UPLOADS: frozenset[str] = frozenset()
"""Paths of routes that take a table in their body."""
