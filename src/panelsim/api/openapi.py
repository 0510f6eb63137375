"""The OpenAPI document: what FastAPI derives from the routes, with problems as they really look."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel

from panelsim.api.events import EVENTS
from panelsim.api.problems import FieldProblem, Problem

DESCRIPTION = """\
Test messages on a simulated panel of B2B buyers, and know when to believe it. Everything it says is
simulated: no person was asked. A verdict may be `cannot_say`, and that is an answer.

Requests carry `Authorization: Bearer psk_...`. Everything that makes something takes an `Idempotency-Key`.
Refusals are problems (RFC 9457) with a `code` for programs. Within `/v1` fields and codes are added and never
changed or removed: ignore those that you do not know.
"""


def describe(app: FastAPI) -> None:
    """Lets `app` serve its document, made once."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            found = get_openapi(
                title="panelsim",
                version=app.version,
                description=DESCRIPTION,
                routes=app.routes,
                webhooks=app.webhooks.routes,
            )
            schemas = found.setdefault("components", {}).setdefault("schemas", {})
            models: tuple[type[BaseModel], ...] = (Problem, FieldProblem, *EVENTS)
            for model in models:
                made = model.model_json_schema(ref_template="#/components/schemas/{model}")
                made.pop("$defs", None)
                schemas[model.__name__] = made
            for name in ("HTTPValidationError", "ValidationError"):
                schemas.pop(name, None)
            app.openapi_schema = found
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]
