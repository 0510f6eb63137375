"""The routes, one file per resource; `ROUTERS` lists them."""

from fastapi import APIRouter

from panelsim.api.routes import asks, chat, conversations, estimates, health, runs, studies

ROUTERS: tuple[APIRouter, ...] = (
    estimates.router,
    studies.router,
    runs.router,
    asks.router,
    chat.router,
    conversations.router,
    health.router,
)

UPLOADS: frozenset[str] = frozenset()
"""Paths of routes that take a table in their body."""
